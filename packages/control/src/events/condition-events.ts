/**
 * What a run has to tell about the conditions of its object: what became False, or is False for another reason
 * than before, as a Warning with the condition's own reason and message; and the moment when the happy
 * condition became True, as a Normal event. Unknown is a state of work in progress and is not told.
 *
 * At most one event for each condition, and one for the same reason and message: the happy condition repeats
 * what its dependent says.
 */
import type { ApiObject, Condition, Conditions } from '@afflux/resources';
import type { EventType } from './core-event.ts';

/** An event without the object it is about. */
export interface ConditionEvent {
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

/** Reasons that are no words for programs (`nil URL`) are none for Events. */
const CAMEL_CASE = /^[A-Z][A-Za-z0-9]{0,127}$/;

export interface ConditionsOfRun {
  readonly before: Conditions;
  readonly after: Conditions;
  /** The type that sums up the others, where the kind has one. */
  readonly happy: string | undefined;
  /** What to say when that one becomes True. */
  readonly happyEvent: Omit<ConditionEvent, 'type'>;
}

/** `BrokerReady`: the default for `happyEvent`. */
export function happyEventOf({ kind }: ApiObject, happy: string): Omit<ConditionEvent, 'type'> {
  const verb = happy === 'Ready' ? 'is ready' : 'succeeded';
  return { reason: `${kind}${happy}`, message: `${kind} ${verb}` };
}

/** In the order of the conditions. Pure. */
export function conditionEvents(run: ConditionsOfRun): ConditionEvent[] {
  const events = new Map<string, ConditionEvent>();
  for (const condition of run.after) {
    const old = run.before.find(({ type }) => type === condition.type);
    const event = eventOf(run, condition, old);
    if (event === undefined || !CAMEL_CASE.test(event.reason)) continue;
    events.set(problemOf(event), event);
  }
  return [...events.values()];
}

/** What tells one Warning of an object from another. */
export function problemOf({ reason, message }: ConditionEvent): string {
  return JSON.stringify([reason, message]);
}

/** The problems that there are, told or not. */
export function problemsOf(conditions: Conditions): ReadonlySet<string> {
  return new Set(
    conditions.filter(({ status }) => status === 'False').map((each) => problemOf(warningOf(each))),
  );
}

function warningOf({ type, reason = '', message = '' }: Condition): ConditionEvent {
  return { type: 'Warning', reason, message: message === '' ? `${type} is false` : message };
}

function eventOf(
  { happy, happyEvent }: ConditionsOfRun,
  condition: Condition,
  old: Condition | undefined,
): ConditionEvent | undefined {
  const { type, status } = condition;
  if (status === 'True') {
    return type === happy && old?.status !== 'True' ? { type: 'Normal', ...happyEvent } : undefined;
  }
  return status !== 'False' || isSameVerdict(condition, old) ? undefined : warningOf(condition);
}

function isSameVerdict(condition: Condition, old: Condition | undefined): boolean {
  return (
    old?.status === condition.status &&
    (old.reason ?? '') === (condition.reason ?? '') &&
    (old.message ?? '') === (condition.message ?? '')
  );
}
