/** How a Sequence and a Parallel speak of their children in their status. Pure. */
import type { ApiObject, Condition, KnativeStatus, ObjectReference } from '@afflux/resources';
import { findCondition } from '@afflux/resources';

/** A child's Ready condition, or one that says that it has none. */
function readyConditionOf(child: ApiObject): Condition {
  const ready = findCondition(child.status as KnativeStatus | undefined, 'Ready');
  if (ready !== undefined) return { ...ready };
  return {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NoReady',
    message: `${child.kind} does not have Ready condition`,
  };
}

/** Points to a child. */
function referenceTo({ apiVersion, kind, metadata }: ApiObject): ObjectReference {
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** The entry of a Subscription in a flow's status. */
export function subscriptionEntry(child: ApiObject): {
  subscription: ObjectReference;
  ready: Condition;
} {
  return { subscription: referenceTo(child), ready: readyConditionOf(child) };
}

/** The entry of a channel in a flow's status. */
export function channelEntry(
  child: ApiObject,
  ready: Condition = readyConditionOf(child),
): { channel: ObjectReference; ready: Condition } {
  return { channel: referenceTo(child), ready };
}
