/** delete and deletecollection. */
import {
  isConflict,
  isNotFound,
  type DeleteOptions,
  type Propagation,
  type ResourceStore,
} from '@afflux/control';
import { isRecord, type ApiObject } from '@afflux/resources';
import { parseBody } from './body.ts';
import { badRequest } from './errors.ts';
import { header, type Answer, type Exchange } from './exchange.ts';
import { assertDeletable } from './namespaces.ts';
import { dryRunOf, invalidOption, listQuery, text } from './request-options.ts';
import { shownTo, type ShownDeps } from './shown-objects.ts';
import { success } from './status.ts';

export interface DeleteDeps extends ShownDeps {
  readonly store: ResourceStore;
  readonly isProtected: (namespace: string) => boolean;
}

/** One object: a Status when it is gone, the object while finalizers hold it. */
export async function deleteObject(exchange: Exchange, deps: DeleteDeps): Promise<Answer> {
  const { definition, path } = exchange;
  assertDeletable(exchange, deps.isProtected);
  const { namespace, name = '' } = path;
  const key = { namespace, name };
  const options = await deleteOptions(exchange);
  const { metadata } = await deps.store.get(definition, key, { signal: exchange.signal });
  const left = await deps.store.delete(definition, key, options);
  if (left !== undefined) return { status: 200, body: shownTo(exchange, deps).one(left) };
  const { uid } = metadata;
  return {
    status: 200,
    body: success({
      name,
      ...(definition.group === '' ? {} : { group: definition.group }),
      kind: definition.plural,
      ...(uid === undefined ? {} : { uid }),
    }),
  };
}

/** Everything that the selectors of a collection mean. What somebody else deletes meanwhile is no failure. */
export async function deleteCollection(exchange: Exchange, deps: DeleteDeps): Promise<Answer> {
  const { definition, path, signal } = exchange;
  const { labelSelector, fieldSelector } = listQuery(exchange.query);
  const options = await deleteOptions(exchange);
  const { items, resourceVersion } = await deps.store.list(definition, {
    namespace: path.namespace,
    labelSelector,
    fieldSelector,
    signal,
  });
  const deleted: ApiObject[] = [];
  for (const { metadata } of items) {
    try {
      await deps.store.delete(definition, metadata, {
        ...options,
        preconditions: { uid: metadata.uid, ...options.preconditions },
      });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
      continue;
    }
    const now = await deps.store.get(definition, metadata).catch(() => undefined);
    deleted.push(
      now ?? items.find((item) => item.metadata === metadata) ?? { ...definition, metadata },
    );
  }
  return { status: 200, body: shownTo(exchange, deps).list({ items: deleted, resourceVersion }) };
}

const PROPAGATIONS: readonly Propagation[] = ['Background', 'Foreground', 'Orphan'];

interface DeleteBody {
  readonly propagationPolicy?: unknown;
  readonly orphanDependents?: unknown;
  readonly dryRun?: unknown;
  readonly preconditions?: { readonly uid?: unknown; readonly resourceVersion?: unknown } | null;
}

/** From the body, or from the query where there is none. */
async function deleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await deleteBody(exchange);
  const { query, signal } = exchange;
  const propagation = propagationOf(
    body.propagationPolicy ?? text(query, 'propagationPolicy'),
    body.orphanDependents ?? text(query, 'orphanDependents'),
  );
  const { uid, resourceVersion } = body.preconditions ?? {};
  const [dryRun] = Array.isArray(body.dryRun) ? (body.dryRun as unknown[]) : [];
  return {
    signal,
    propagation,
    dryRun: dryRunOf(typeof dryRun === 'string' ? dryRun : text(query, 'dryRun')),
    preconditions: {
      uid: optionalText(uid, 'preconditions.uid'),
      resourceVersion: optionalText(resourceVersion, 'preconditions.resourceVersion'),
    },
  };
}

async function deleteBody(exchange: Exchange): Promise<DeleteBody> {
  if (exchange.body.length === 0) return {};
  const value = await parseBody(exchange.body, header(exchange, 'content-type'));
  if (!isRecord(value)) {
    throw badRequest('the body of a delete must be DeleteOptions');
  }
  return value;
}

function propagationOf(policy: unknown, orphan: unknown): Propagation {
  if (policy === undefined || policy === null) {
    return orphan === true || orphan === 'true' ? 'Orphan' : 'Background';
  }
  const found = PROPAGATIONS.find((known) => known === policy);
  if (found !== undefined) return found;
  throw invalidOption('DeleteOptions', 'propagationPolicy', [
    'Unsupported value',
    `${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
  ]);
}

function optionalText(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw badRequest(`${field} must be text`);
}
