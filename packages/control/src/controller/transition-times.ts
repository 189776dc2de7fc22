/**
 * Times of conditions after a run. A run may turn a condition there and back; what counts is whether it ended
 * as it was. So a condition that differs from before in nothing but its time gets the old time back, and all
 * that did change get the one time of the run. Without this, each run would write a new time, see its own
 * write as a change, and run again.
 */
import type { Condition, KnativeStatus } from '@afflux/resources';

function isSameBut({ lastTransitionTime: _, ...left }: Condition, right: Condition): boolean {
  return (
    left.type === right.type &&
    left.status === right.status &&
    (left.severity ?? '') === (right.severity ?? '') &&
    (left.reason ?? '') === (right.reason ?? '') &&
    (left.message ?? '') === (right.message ?? '')
  );
}

/** Sets the times in place. */
export function settleTransitionTimes(
  status: KnativeStatus,
  before: KnativeStatus | undefined,
  now: string,
): void {
  if (status.conditions === undefined) return;
  status.conditions = status.conditions.map((condition) => {
    const old = before?.conditions?.find(({ type }) => type === condition.type);
    if (old === undefined || !isSameBut(old, condition)) {
      return { ...condition, lastTransitionTime: now };
    }
    return old.lastTransitionTime === undefined
      ? condition
      : { ...condition, lastTransitionTime: old.lastTransitionTime };
  });
}
