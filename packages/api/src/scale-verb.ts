/**
 * `/scale`: the number of replicas of a kind that has one, as an autoscaling/v1 Scale, whatever the kind calls it.
 * Reading and writing go through the object itself.
 */
import { applyPatch, StoreError, type ResourceStore } from '@afflux/control';
import type { ApiObject, KindDefinition } from '@afflux/resources';
import { parseBody } from './body.ts';
import { ApiError, badRequest, methodNotAllowed, unknownPath } from './errors.ts';
import { header, type Answer, type Exchange } from './exchange.ts';
import { writeQuery, type WriteQuery } from './request-options.ts';
import { optionsOf, patchOf } from './write-verbs.ts';

type ScalePaths = NonNullable<KindDefinition['scale']>;

interface Scale {
  readonly kind: 'Scale';
  readonly apiVersion: 'autoscaling/v1';
  readonly metadata: {
    readonly [Field in 'namespace' | 'uid' | 'resourceVersion' | 'creationTimestamp']:
      string | undefined;
  } & { readonly name: string };
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

export async function scaleObject(
  method: string,
  exchange: Exchange,
  { store }: { readonly store: ResourceStore },
): Promise<Answer> {
  const { definition, path, signal } = exchange;
  const paths = definition.scale;
  if (paths === undefined) throw unknownPath();
  const { namespace, name = '' } = path;
  const object = await store.get(definition, { namespace, name }, { signal });
  const scale = scaleOf(object, paths);
  if (method === 'GET') return { status: 200, body: scale };
  if (method !== 'PUT' && method !== 'PATCH') throw methodNotAllowed();
  const query = writeQuery(exchange.query, method === 'PUT' ? 'UpdateOptions' : 'PatchOptions');
  const wanted =
    method === 'PUT' ? await bodyScale(exchange) : patchedScale(exchange, scale, query);
  const patched = await store.patch(
    definition,
    { namespace, name },
    { type: 'merge', body: changeOf(wanted, scale, paths, method === 'PUT') },
    optionsOf(exchange, query),
  );
  return { status: 200, body: scaleOf(patched, paths) };
}

async function bodyScale(exchange: Exchange): Promise<unknown> {
  const scale = await parseBody(exchange.body, header(exchange, 'content-type'));
  const name = valueAt(scale, ['metadata', 'name']);
  if (name === exchange.path.name) return scale;
  throw badRequest(
    `the name of the object (${typeof name === 'string' ? name.slice(0, 300) : ''}) does not match the name on the URL (${exchange.path.name ?? ''})`,
  );
}

function patchedScale(exchange: Exchange, scale: Scale, query: WriteQuery): unknown {
  const patch = patchOf(exchange, query);
  if (patch.type === 'merge' || patch.type === 'json') return applyPatch(scale, patch);
  throw new ApiError(
    'AFFLUX_API_UNSUPPORTED_MEDIA_TYPE',
    'a scale takes application/json-patch+json and application/merge-patch+json',
  );
}

/**
 * What the new scale makes of the object: its replicas, on condition of the version and uid that it names. What a patch
 * left as it was found is no condition.
 */
function changeOf(
  wanted: unknown,
  { metadata, kind }: Scale,
  paths: ScalePaths,
  isWhole: boolean,
): object {
  const replicas = valueAt(wanted, ['spec', 'replicas']) ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a ${kind}: spec.replicas must be a whole number`,
    );
  }
  if (replicas < 0) throw negative(metadata.name, replicas);
  const [spec = 'spec', ...steps] = stepsOf(paths.specReplicasPath);
  const change = steps.reduceRight<unknown>((value, step) => ({ [step]: value }), replicas);
  const named = (field: 'resourceVersion' | 'uid'): object => {
    const value = valueAt(wanted, ['metadata', field]) ?? '';
    return value === '' || (!isWhole && value === metadata[field]) ? {} : { [field]: value };
  };
  return { [spec]: change, metadata: { ...named('resourceVersion'), ...named('uid') } };
}

function negative(name: string, replicas: number): StoreError {
  const message = `Invalid value: ${String(replicas)}: should be a non-negative integer`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }];
  return new StoreError(
    'AFFLUX_STORE_INVALID',
    `Scale.autoscaling ${JSON.stringify(name)} is invalid: spec.replicas: ${message}`,
    { details: { name, group: 'autoscaling', kind: 'Scale', causes } },
  );
}

function scaleOf(object: ApiObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    paths.labelSelectorPath === undefined
      ? undefined
      : valueAt(object, stepsOf(paths.labelSelectorPath));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, paths.specReplicasPath) },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath),
      ...(typeof selector === 'string' ? { selector } : {}),
    },
  };
}

function numberAt(object: ApiObject, path: string): number {
  const value = valueAt(object, stepsOf(path));
  return typeof value === 'number' ? value : 0;
}

/** `.spec.replicas` as steps. */
function stepsOf(path: string): readonly string[] {
  return path.split('.').filter((step) => step !== '');
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  let found = value;
  for (const step of steps) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step))
      return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}
