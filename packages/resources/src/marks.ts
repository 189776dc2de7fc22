/** Sets conditions on the status of one object during one run; the algebra is `ConditionSet`'s. */
import type { ConditionSet, Mark } from './conditions.ts';
import type { KnativeStatus } from './object.ts';

export class Marks {
  readonly #conditions: ConditionSet;
  readonly #status: KnativeStatus;
  readonly #now: string;

  constructor(conditions: ConditionSet, status: KnativeStatus, now: string) {
    this.#conditions = conditions;
    this.#status = status;
    this.#now = now;
  }

  true(type: string, reason?: string, message?: string): void {
    this.#status.conditions = this.#conditions.markTrue(
      this.#status,
      this.#mark(type, reason, message),
    );
  }

  false(type: string, reason: string, message: string): void {
    this.#status.conditions = this.#conditions.markFalse(
      this.#status,
      this.#mark(type, reason, message),
    );
  }

  unknown(type: string, reason: string, message: string): void {
    this.#status.conditions = this.#conditions.markUnknown(
      this.#status,
      this.#mark(type, reason, message),
    );
  }

  /** EventPolicies are not evaluated while OIDC is off, so that nothing stands against them (§2.9). */
  eventPoliciesNotInUse(): void {
    this.true(
      'EventPoliciesReady',
      'OIDCDisabled',
      'Feature "authentication-oidc" must be enabled to support Authorization',
    );
  }

  #mark(type: string, reason: string | undefined, message: string | undefined): Mark {
    return {
      type,
      now: this.#now,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  }
}
