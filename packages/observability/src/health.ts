/**
 * Whether the process lives and whether it is ready for work, from what its parts say of themselves.
 *
 * Ready means: every part that reported is ready, and at least one did. Not alive means that a part failed in
 * a way that only a new process can mend; waiting, overload and a broken back-end are reasons not to be ready,
 * never reasons to be killed.
 */

/**
 * `failed` is for good: it makes the process count as dead. `degraded` is ready with something to say: one of many
 * things that the part looks after does not work, and taking the whole process out would take the others out.
 */
export type HealthState = 'starting' | 'ready' | 'degraded' | 'unready' | 'draining' | 'failed';

export interface HealthReport {
  readonly ok: boolean;
  /** One per part that stands in the way, or is degraded: `name: state` and, where given, why. */
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
    return this.#report((state) => state !== 'failed', []);
  }

  /** For `/readyz`. */
  ready(): HealthReport {
    if (this.#parts.size === 0) return { ok: false, reasons: ['nothing has reported yet'] };
    return this.#report((state) => state === 'ready' || state === 'degraded', ['degraded']);
  }

  /** `mentioned`: states that are fine and stand among the reasons all the same. */
  #report(
    isFine: (state: HealthState) => boolean,
    mentioned: readonly HealthState[],
  ): HealthReport {
    const parts = [...this.#parts];
    const reasons = parts
      .filter(([, { state }]) => !isFine(state) || mentioned.includes(state))
      .map(([component, { state, reason }]) =>
        reason === undefined ? `${component}: ${state}` : `${component}: ${state} (${reason})`,
      );
    return { ok: parts.every(([, { state }]) => isFine(state)), reasons };
  }
}
