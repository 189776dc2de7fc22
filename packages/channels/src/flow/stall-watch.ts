/**
 * Knows for how long this process itself stood still (a stopped process, a suspended laptop, a blocked event
 * loop), so that the time-outs which then all run at once are not taken for the subscriber's fault.
 *
 * A beat runs at a fixed interval while something is in flight; how late it comes is time lost. A late beat
 * may run after the time-outs of the same stall, so an overdue beat counts before it has run.
 */
import type { Clock, Timer } from '@afflux/kernel';

/** Interval of the beat. */
const BEAT_MS = 500;

/** Less lateness than this is everyday scheduling. */
const STALL_MS_MIN = 1_000;

export class StallWatch {
  readonly #clock: Clock;
  readonly #beat: () => void;
  #watchers = 0;
  #timer: Timer | undefined;
  #expectedMs = Infinity;
  #stalledMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beat = () => {
      this.#stalledMs += this.#latenessMs();
      this.#timer = undefined;
      this.#arm();
    };
  }

  /** Something is in flight: watch. To be matched by one `leave`. */
  enter(): void {
    this.#watchers += 1;
    this.#arm();
  }

  /** The beat ends by itself when nothing is in flight. */
  leave(): void {
    this.#watchers -= 1;
  }

  /** Milliseconds lost so far. The difference of two readings is what was lost between them. */
  stalledMs(): number {
    return this.#stalledMs + this.#latenessMs();
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    this.#expectedMs = this.#watchers > 0 ? this.#clock.monotonicMs() + BEAT_MS : Infinity;
    if (this.#watchers > 0) this.#timer = this.#clock.setTimer(BEAT_MS, this.#beat);
  }

  #latenessMs(): number {
    const lateMs = this.#clock.monotonicMs() - this.#expectedMs;
    return lateMs >= STALL_MS_MIN ? lateMs : 0;
  }
}
