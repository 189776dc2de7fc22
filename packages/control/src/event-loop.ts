/**
 * Fairness towards the rest of the process. Store, informers and controllers hand work to each other in
 * promise callbacks, and the event loop does not turn while such callbacks follow each other: a thousand
 * objects applied at once would hold up every socket until all are done. Whoever runs a long chain therefore
 * asks a {@link TurnBudget} after each step, and gives the loop a turn when its share of this one is used up.
 *
 * Invariant: a chain that asks after each step holds the loop for at most `TURN_MS_MAX` plus one step.
 */
import type { Clock } from '@afflux/kernel';

/** Longest time without a turn of the event loop. Small beside the latency that event delivery promises. */
const TURN_MS_MAX = 4;

/** Resolves in the next turn of the event loop: after all promise callbacks and the I/O that is ready. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    inNextTurn(resolve);
  });
}

function inNextTurn(run: () => void): void {
  // A turn of the loop is not time: no clock, real or fake, has a say in it.
  // eslint-disable-next-line no-restricted-globals
  setImmediate(run);
}

/** Measures the share of one component in the present turn of the loop. */
export class TurnBudget {
  readonly #clock: Clock;
  /** When the first question of this turn was asked; undefined before it. */
  #beganMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined while there is budget in this turn; otherwise the next turn, to be waited for. */
  spent(): Promise<void> | undefined {
    const nowMs = this.#clock.monotonicMs();
    if (this.#beganMs === undefined) {
      this.#beganMs = nowMs;
      inNextTurn(() => {
        this.#beganMs = undefined;
      });
      return undefined;
    }
    return nowMs - this.#beganMs < TURN_MS_MAX ? undefined : nextTurn();
  }
}
