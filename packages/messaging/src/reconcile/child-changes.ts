/**
 * Which changes of a child its owner has to look at. A child changes far more often than what its owner shows of
 * it: entries of subscribers come and go, finalizers are put on, times are written. Waking the owner for each
 * would multiply the work of every burst.
 */
import {
  type Controller,
  controllerKeyOf,
  type GroupVersionKind,
  type Informer,
  type ObjectChange,
  sameJson,
} from '@afflux/control';
import type { ApiObject } from '@afflux/resources';
import { findCondition } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';

/** Whether a change concerns the owner. */
export type Concerns = (change: ObjectChange) => boolean;

/** A Sequence or Parallel shows readiness and address of its children, and keeps their spec. */
export const concernsFlow: Concerns = ({ old, new: next }) => {
  // A new child is either the owner's own work or already has a state to show.
  if (next === undefined) return true;
  const before = old as Channelable | undefined;
  const after = next as Channelable;
  return (
    !sameJson(findCondition(before?.status, 'Ready'), findCondition(after.status, 'Ready')) ||
    !sameJson(before?.status?.address, after.status?.address) ||
    (before !== undefined && isSpecChanged(before, after))
  );
};

/** A Channel shows all of the status of the channel behind it. */
export const concernsFace: Concerns = ({ old, new: next }) => {
  if (next === undefined) return true;
  const before = old as Channelable | undefined;
  const after = next as Channelable;
  return (
    !sameJson(before?.status, after.status) ||
    (before !== undefined && isSpecChanged(before, after))
  );
};

/** Subscribers aside: they are no business of the owner's. */
function isSpecChanged(before: Channelable, after: Channelable): boolean {
  if (before.spec === after.spec) return false;
  const { subscribers: _before, ...left } = before.spec ?? {};
  const { subscribers: _after, ...right } = after.spec ?? {};
  return !sameJson(left, right);
}

/** An owner's kind, its controller, and which changes of children concern it. */
export interface Owner {
  readonly kind: GroupVersionKind;
  readonly controller: Pick<Controller, 'enqueue'>;
  readonly concerns: Concerns;
}

/** Wakes owners by the changes of one kind of child. The handler ends with the informer. */
export function wakeOwners(children: Informer, owners: readonly Owner[]): void {
  children.onChange((change) => {
    const child: ApiObject | undefined = change.new ?? change.old;
    if (child === undefined) return;
    for (const { kind, controller, concerns } of owners) {
      const key = controllerKeyOf(child, kind);
      if (key !== undefined && concerns(change)) controller.enqueue(key);
    }
  });
}
