/** The kinds of this package, by apiVersion and kind. */
import type { GroupVersionKind } from '@afflux/control';

const MESSAGING = 'messaging.knative.dev/v1';
const FLOWS = 'flows.knative.dev/v1';

export const CHANNEL: GroupVersionKind = { apiVersion: MESSAGING, kind: 'Channel' };
export const IN_MEMORY_CHANNEL: GroupVersionKind = {
  apiVersion: MESSAGING,
  kind: 'InMemoryChannel',
};
export const SUBSCRIPTION: GroupVersionKind = { apiVersion: MESSAGING, kind: 'Subscription' };
export const SEQUENCE: GroupVersionKind = { apiVersion: FLOWS, kind: 'Sequence' };
export const PARALLEL: GroupVersionKind = { apiVersion: FLOWS, kind: 'Parallel' };

/** Whether two names mean the same kind. */
export function isSameKind(left: GroupVersionKind, right: GroupVersionKind): boolean {
  return left.apiVersion === right.apiVersion && left.kind === right.kind;
}
