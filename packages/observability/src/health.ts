/**
 * Whether the process lives and whether it is ready for work, from what its parts say of themselves.
 *
 * Ready means: every part that reported is ready, and at least one did. Not alive means that a part failed in
 * a way that only a new process can mend; waiting, overload and a broken back-end are reasons not to be ready,
 * never reasons to be killed.
 */

/** `failed` is for good: it makes the process count as dead. */
export type HealthState = 'starting' | 'ready' | 'unready' | 'draining' | 'failed';

export interface HealthReport {
  readonly ok: boolean;
  /** One per part that stands in the way: `name: state` and, where given, why. */
  readonly reasons: readonly string[];
}

interface Part {
  readonly state: HealthState;
  readonly reason: string | undefined;
}

export class Health {
  readonly #parts = new Map<string, Part>();

  /** What a part says of itself now, in place of what it said before. The reason is shown to anybody. */
  set(component: string, state: HealthState, reason?: string): void {
    this.#parts.set(component, { state, reason });
  }

  /** For `/healthz`. */
  live(): HealthReport {
    return this.#report((state) => state !== 'failed');
  }

  /** For `/readyz`. */
  ready(): HealthReport {
    if (this.#parts.size === 0) return { ok: false, reasons: ['nothing has reported yet'] };
    return this.#report((state) => state === 'ready');
  }

  #report(isFine: (state: HealthState) => boolean): HealthReport {
    const reasons = [...this.#parts]
      .filter(([, { state }]) => !isFine(state))
      .map(([component, { state, reason }]) =>
        reason === undefined ? `${component}: ${state}` : `${component}: ${state} (${reason})`,
      );
    return { ok: reasons.length === 0, reasons };
  }
}
