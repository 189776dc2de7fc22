/** Shorthand for marking conditions on one status at one time. */
import type { Condition, ConditionSet } from '@afflux/resources';

interface Conditioned {
  conditions?: Condition[];
}

export class StatusEditor {
  readonly #set: ConditionSet;
  readonly #status: Conditioned;
  readonly #now: string;

  constructor(set: ConditionSet, status: Conditioned, now: string) {
    this.#set = set;
    this.#status = status;
    this.#now = now;
  }

  markTrue(type: string, reason = '', message = ''): void {
    this.#status.conditions = this.#set.markTrue(this.#status, {
      type,
      reason,
      message,
      now: this.#now,
    });
  }

  markFalse(type: string, reason: string, message: string): void {
    this.#status.conditions = this.#set.markFalse(this.#status, {
      type,
      reason,
      message,
      now: this.#now,
    });
  }

  markUnknown(type: string, reason: string, message: string): void {
    this.#status.conditions = this.#set.markUnknown(this.#status, {
      type,
      reason,
      message,
      now: this.#now,
    });
  }
}
