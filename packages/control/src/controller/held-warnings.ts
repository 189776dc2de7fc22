/**
 * Warnings that wait a moment before they are told. While things are being made, conditions are False for
 * milliseconds (a channel has no address yet, a subscription is not served yet), and whoever looks at an object that
 * is well should not read of them.
 *
 *     held ── still so after WARNING_HELD_MS ─▶ told
 *       └──── no longer so, or the object is gone ─▶ forgotten
 *
 * At most one timer for each condition of an object that is False.
 */
import type { Clock, Timer } from '@afflux/kernel';

/** How long something must be wrong before it is told. */
export const WARNING_HELD_MS = 1_000;

export class HeldWarnings {
  readonly #clock: Clock;
  /** By key of the object, then by what is wrong. */
  readonly #held = new Map<string, Map<string, Timer>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells it later, unless it is let go before. One that is held already keeps its time. */
  hold(key: string, problem: string, tell: () => void): void {
    const ofObject = this.#held.get(key) ?? new Map<string, Timer>();
    if (ofObject.has(problem)) return;
    const timer = this.#clock.setTimer(WARNING_HELD_MS, () => {
      this.#drop(key, problem);
      tell();
    });
    this.#held.set(key, ofObject.set(problem, timer));
  }

  /** Lets go of everything that is wrong no longer. */
  keep(key: string, problems: ReadonlySet<string>): void {
    for (const [problem, timer] of this.#held.get(key) ?? []) {
      if (problems.has(problem)) continue;
      timer.cancel();
      this.#drop(key, problem);
    }
  }

  /** The object is gone. */
  forget(key: string): void {
    this.keep(key, new Set());
  }

  close(): void {
    for (const key of [...this.#held.keys()]) this.forget(key);
  }

  #drop(key: string, problem: string): void {
    const ofObject = this.#held.get(key);
    ofObject?.delete(problem);
    if (ofObject?.size === 0) this.#held.delete(key);
  }
}
