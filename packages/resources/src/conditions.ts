/**
 * Knative's condition algebra: a kind has one happy condition (`Ready`, or `Succeeded` for things that end)
 * and a set of dependents that decide it.
 *
 * Everything is pure: an operation takes the status as it is and returns the new `conditions`; the caller
 * passes the time. Invariants of every result: sorted by type, at most one condition per type, and a
 * condition that did not change in anything but its time keeps its time. Types that are not dependents are
 * kept with severity Info and do not count for readiness.
 */
import type { Condition, Conditions, ConditionStatus } from './object.ts';

/** Anything that carries conditions: a status object of any kind. */
export interface HasConditions {
  readonly conditions?: Conditions;
  readonly observedGeneration?: number;
}

/** One condition to set. */
export interface Mark {
  readonly type: string;
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339; becomes `lastTransitionTime` where something changes. */
  readonly now: string;
}

type Verdict = Pick<Condition, 'status'> & Partial<Pick<Condition, 'reason' | 'message'>>;

function equalsButForTime(left: Condition, right: Condition): boolean {
  return (
    left.type === right.type &&
    left.status === right.status &&
    left.severity === right.severity &&
    (left.reason ?? '') === (right.reason ?? '') &&
    (left.message ?? '') === (right.message ?? '')
  );
}

function transitionMs(condition: Condition): number {
  const ms = Date.parse(condition.lastTransitionTime ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

/** The condition of that type, if the status has it. */
export function findCondition(
  status: HasConditions | undefined,
  type: string,
): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** The condition types of one kind and the rules that combine them. Stateless; safe to share. */
export class ConditionSet {
  readonly happy: string;
  readonly dependents: readonly string[];

  constructor(happy: 'Ready' | 'Succeeded', dependents: readonly string[]) {
    this.happy = happy;
    this.dependents = [...new Set(dependents)].filter((type) => type !== happy);
  }

  /** Adds what is missing: the happy condition Unknown, dependents Unknown, or True under a True happy one. */
  initialize(status: HasConditions | undefined, now: string): Condition[] {
    let conditions = this.#ensure(status?.conditions ?? [], this.happy, 'Unknown', now);
    const inherited = findCondition({ conditions }, this.happy)?.status === 'True';
    for (const type of this.dependents) {
      conditions = this.#ensure(conditions, type, inherited ? 'True' : 'Unknown', now);
    }
    return conditions;
  }

  /** Sets a condition True; the happy one takes over the newest unhappy dependent, or becomes True. */
  markTrue(status: HasConditions | undefined, mark: Mark): Condition[] {
    const before = status?.conditions ?? [];
    // Set at once to what it ends as, the happy condition does not change its time for nothing.
    const conditions = mark.type === this.happy ? before : this.#set(before, mark, 'True');
    const unhappy = this.#unhappyDependent(conditions);
    if (unhappy !== undefined) return this.#setHappy(conditions, unhappy, mark.now);
    if (mark.type === this.happy) return this.#set(conditions, mark, 'True');
    return this.#setHappy(conditions, { status: 'True' }, mark.now);
  }

  /** Sets a condition False, and with it the happy one when the type is a dependent. */
  markFalse(status: HasConditions | undefined, mark: Mark): Condition[] {
    const conditions = this.#set(status?.conditions ?? [], mark, 'False');
    return this.dependents.includes(mark.type)
      ? this.#setHappy(conditions, { ...mark, status: 'False' }, mark.now)
      : conditions;
  }

  /** Sets a condition Unknown; a False dependent keeps the happy one False, else a dependent makes it Unknown. */
  markUnknown(status: HasConditions | undefined, mark: Mark): Condition[] {
    const conditions = this.#set(status?.conditions ?? [], mark, 'Unknown');
    const view = { conditions };
    if (this.dependents.some((type) => findCondition(view, type)?.status === 'False')) {
      return findCondition(view, this.happy)?.status === 'False'
        ? conditions
        : this.#setHappy(conditions, { ...mark, status: 'False' }, mark.now);
    }
    return this.dependents.includes(mark.type)
      ? this.#setHappy(conditions, { ...mark, status: 'Unknown' }, mark.now)
      : conditions;
  }

  /** Removes a condition that does not count for readiness; the others cannot be removed. */
  clear(status: HasConditions | undefined, type: string): Condition[] {
    const conditions = [...(status?.conditions ?? [])];
    return this.#isTerminal(type) ? conditions : conditions.filter((c) => c.type !== type);
  }

  /** The happy condition itself. */
  happyCondition(status: HasConditions | undefined): Condition | undefined {
    return findCondition(status, this.happy);
  }

  /**
   * Whether the happy condition is True. With a generation, the status must also speak of it: Knative asks for
   * that of Brokers and InMemoryChannels, and of no other kind.
   */
  isReady(status: HasConditions | undefined, generation?: number): boolean {
    const isCurrent = generation === undefined || status?.observedGeneration === generation;
    return isCurrent && this.happyCondition(status)?.status === 'True';
  }

  #isTerminal(type: string): boolean {
    return type === this.happy || this.dependents.includes(type);
  }

  #ensure(conditions: Conditions, type: string, status: ConditionStatus, now: string): Condition[] {
    return findCondition({ conditions }, type) === undefined
      ? this.#set(conditions, { type, now }, status)
      : [...conditions];
  }

  #setHappy(conditions: Conditions, verdict: Verdict, now: string): Condition[] {
    const { status, reason, message } = verdict;
    const mark: Mark = {
      type: this.happy,
      now,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
    return this.#set(conditions, mark, status);
  }

  #set(conditions: Conditions, mark: Mark, status: ConditionStatus): Condition[] {
    const next: Condition = { type: mark.type, status };
    if (!this.#isTerminal(mark.type)) next.severity = 'Info';
    if (mark.reason !== undefined && mark.reason !== '') next.reason = mark.reason;
    if (mark.message !== undefined && mark.message !== '') next.message = mark.message;
    const current = findCondition({ conditions }, mark.type);
    if (current !== undefined && equalsButForTime(current, next)) return [...conditions];
    next.lastTransitionTime = mark.now;
    return [...conditions.filter((condition) => condition.type !== mark.type), next].sort(
      (left, right) => (left.type < right.type ? -1 : 1),
    );
  }

  /** First any False, then any Unknown, newest first; an Unknown without reason when dependents are absent. */
  #unhappyDependent(conditions: Conditions): Verdict | undefined {
    if (this.dependents.length === 0) return undefined;
    const unhappy = conditions
      .filter(
        ({ severity, type, status }) =>
          severity === undefined && type !== this.happy && status !== 'True',
      )
      .sort((left, right) => transitionMs(right) - transitionMs(left));
    const first = unhappy.find(({ status }) => status === 'False') ?? unhappy[0];
    if (first !== undefined) return first;
    const isComplete = this.dependents.every((type) => findCondition({ conditions }, type));
    return isComplete ? undefined : { status: 'Unknown' };
  }
}
