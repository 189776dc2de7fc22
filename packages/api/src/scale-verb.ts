/**
 * `/scale`: the number of replicas of a kind that has one, as an autoscaling/v1 Scale, whatever the kind calls it.
 * Reading and writing go through the object itself.
 */
import type { ResourceStore } from '@afflux/control';
import type { ApiObject, KindDefinition } from '@afflux/resources';
import { parseBody, parseJson } from './body.ts';
import { badRequest, methodNotAllowed, unknownPath } from './errors.ts';
import { header, type Answer, type Exchange } from './exchange.ts';
import { writeQuery } from './request-options.ts';
import { optionsOf } from './write-verbs.ts';

type ScalePaths = NonNullable<KindDefinition['scale']>;

interface Scale {
  readonly kind: 'Scale';
  readonly apiVersion: 'autoscaling/v1';
  readonly metadata: object;
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
  if (method === 'GET') return { status: 200, body: scaleOf(object, paths) };
  if (method !== 'PUT' && method !== 'PATCH') throw methodNotAllowed();
  const replicas = wantedReplicas(await scaleBody(method, exchange));
  const [spec, ...steps] = stepsOf(paths.specReplicasPath);
  const change = steps.reduceRight<unknown>((value, step) => ({ [step]: value }), replicas);
  const patched = await store.patch(
    definition,
    { namespace, name },
    { type: 'merge', body: { [spec ?? 'spec']: change } },
    optionsOf(exchange, writeQuery(exchange.query)),
  );
  return { status: 200, body: scaleOf(patched, paths) };
}

function scaleBody(method: string, exchange: Exchange): Promise<unknown> {
  return method === 'PUT'
    ? parseBody(exchange.body, header(exchange, 'content-type'))
    : Promise.resolve(parseJson(exchange.body));
}

function wantedReplicas(body: unknown): number {
  const replicas = valueAt(body, ['spec', 'replicas']);
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return replicas;
  throw badRequest('spec.replicas must be a number of at least 0');
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
