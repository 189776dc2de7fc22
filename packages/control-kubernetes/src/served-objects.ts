/** Objects as a server sends them: checked for their shape, completed, and frozen. */
import type { GroupVersionKind } from '@afflux/control';
import { isRecord, type ApiObject } from '@afflux/resources';
import { KubernetesError } from './errors.ts';

/** One answer to a list. */
export interface ListPage {
  readonly items: readonly ApiObject[];
  readonly resourceVersion: string;
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

function notAnObject(what: string): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_ANSWER_INVALID',
    `the server answered with something that is no ${what}`,
  );
}

/** Freezes to the leaves, in place: what is given must be the caller's own, fresh from the parser. */
function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const item of Object.values(value)) deepFreeze(item);
  Object.freeze(value);
}

/** An object of its own kind, frozen. */
export function servedObject(answer: unknown): ApiObject {
  if (!isRecord(answer) || !isRecord(answer['metadata'])) throw notAnObject('API object');
  deepFreeze(answer);
  return answer as unknown as ApiObject;
}

/** A page of a list; its items get the kind that servers leave out. */
export function listPage(answer: unknown, { apiVersion, kind }: GroupVersionKind): ListPage {
  if (!isRecord(answer) || !isRecord(answer['metadata'])) throw notAnObject('list');
  const { resourceVersion, continue: next } = answer['metadata'];
  const items = answer['items'] ?? [];
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') throw notAnObject('list');
  return {
    items: items.map((item: unknown) =>
      servedObject(isRecord(item) ? { apiVersion, kind, ...item } : item),
    ),
    resourceVersion,
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

/** By namespace, then name; servers sort by the two put together, which is not the same. */
export function byNamespaceAndName(left: ApiObject, right: ApiObject): number {
  const a = left.metadata.namespace ?? '';
  const b = right.metadata.namespace ?? '';
  if (a !== b) return a < b ? -1 : 1;
  if (left.metadata.name === right.metadata.name) return 0;
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

/** Whether an answer to a deletion is an object that waits to go; Status, and what went at once, is not. */
export function isHeld(object: ApiObject): boolean {
  const { deletionTimestamp, finalizers = [], ...rest } = object.metadata;
  const graceSeconds = (rest as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds;
  return deletionTimestamp !== undefined && (finalizers.length > 0 || (graceSeconds ?? 0) > 0);
}
