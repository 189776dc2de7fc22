/**
 * A circuit breaker: pauses a subscription whose subscriber is unwell, instead of burning retries on it.
 *
 *     closed ──failuresMin unhealthy in a row──▶ open ──pause over──▶ half-open
 *       ▲                                          ▲                     │ one probe
 *       └──────────────── healthy ─────────────────┼─────────────────────┤
 *                                                  └────── unhealthy ────┘ pause doubled
 *
 * While it is not closed only the probe's verdict counts: what was started earlier says how things were.
 * A neutral verdict changes nothing, except that after a neutral probe the next start is the probe.
 * Pure: time and chance are handed in; times are monotonic.
 */
import { type Random, withJitter } from '@afflux/kernel';
import type { BreakerSettings } from './settings.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** What a settlement says about the subscriber. */
export type Verdict = 'healthy' | 'unhealthy' | 'neutral';

export class Breaker {
  readonly #random: Random;
  #settings: BreakerSettings | undefined;
  #state: BreakerState = 'closed';
  #failures = 0;
  #pauseMs = 0;
  #opensMs = 0;
  #isProbing = false;

  constructor(settings: BreakerSettings | undefined, random: Random) {
    this.#settings = settings;
    this.#random = random;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Unhealthy settlements in a row, while closed. */
  get failures(): number {
    return this.#failures;
  }

  /** Takes new settings. Without any the circuit closes; otherwise the state stays, pauses change later. */
  configure(settings: BreakerSettings | undefined): void {
    this.#settings = settings;
    if (settings === undefined) this.#close();
  }

  /** Milliseconds until the next start is allowed: 0 = now, `Infinity` = when the probe is settled. */
  waitMs(nowMs: number): number {
    if (this.#state === 'closed') return 0;
    if (this.#state === 'open') {
      if (nowMs < this.#opensMs) return this.#opensMs - nowMs;
      this.#state = 'half-open';
    }
    return this.#isProbing ? Infinity : 0;
  }

  /** A start that `waitMs` allowed. Returns whether it is the probe. */
  begin(): boolean {
    if (this.#state !== 'half-open') return false;
    this.#isProbing = true;
    return true;
  }

  /** Returns what changed, for the log. */
  settle(verdict: Verdict, isProbe: boolean, nowMs: number): 'opened' | 'closed' | undefined {
    if (this.#state === 'closed') return this.#count(verdict, nowMs);
    if (!isProbe || !this.#isProbing) return undefined;
    this.#isProbing = false;
    if (verdict === 'neutral') return undefined;
    if (verdict === 'unhealthy') return this.#open(this.#pauseMs * 2, nowMs);
    this.#close();
    return 'closed';
  }

  #count(verdict: Verdict, nowMs: number): 'opened' | undefined {
    if (this.#settings === undefined || verdict === 'neutral') return undefined;
    this.#failures = verdict === 'healthy' ? 0 : this.#failures + 1;
    const isOpening = this.#failures >= this.#settings.failuresMin;
    return isOpening ? this.#open(this.#settings.openMs, nowMs) : undefined;
  }

  #open(pauseMs: number, nowMs: number): 'opened' {
    this.#state = 'open';
    this.#pauseMs = Math.min(pauseMs, this.#settings?.openMsMax ?? pauseMs);
    this.#opensMs = nowMs + withJitter(this.#pauseMs, this.#random);
    return 'opened';
  }

  #close(): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#isProbing = false;
  }
}
