/** delete and deletecollection. */
import { isConflict, isNotFound, type ResourceStore } from '@afflux/control';
import type { ApiObject, KindDefinition } from '@afflux/resources';
import { deleteOptions } from './delete-options.ts';
import type { Answer, Exchange } from './exchange.ts';
import { assertDeletable } from './namespaces.ts';
import { listQuery } from './request-options.ts';
import { shownTo, type ShownDeps } from './shown-objects.ts';
import { success } from './status.ts';

export interface DeleteDeps extends ShownDeps {
  readonly store: ResourceStore;
  readonly isProtected: (namespace: string) => boolean;
}

/** Kinds whose objects are the answer to their own deletion, as kube-apiserver has it and typed clients expect it. */
const SHOWN_WHEN_DELETED: readonly string[] = ['Service', 'ServiceAccount'];

function isShownWhenDeleted({ group, kind }: KindDefinition): boolean {
  return group === '' && SHOWN_WHEN_DELETED.includes(kind);
}

/** One object: a Status when it is gone, the object while finalizers hold it, and of some kinds always. */
export async function deleteObject(exchange: Exchange, deps: DeleteDeps): Promise<Answer> {
  const { definition, path } = exchange;
  assertDeletable(exchange, deps.isProtected);
  const { namespace, name = '' } = path;
  const key = { namespace, name };
  const options = await deleteOptions(exchange);
  const found = await deps.store.get(definition, key, { signal: exchange.signal });
  const left = await deps.store.delete(definition, key, options);
  const shown = left ?? (isShownWhenDeleted(definition) ? found : undefined);
  if (shown !== undefined) return { status: 200, body: shownTo(exchange, deps).one(shown) };
  const { uid } = found.metadata;
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
