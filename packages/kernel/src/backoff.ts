/**
 * How long to wait before the next try: pure arithmetic, no clock.
 *
 * Linear waits d, 2d, 3d, …; exponential d, 2d, 4d, … (design, decision 6). Both are capped, then spread by
 * jitter so that many waiters do not return at the same instant.
 */
import type { Random } from './random.ts';

export type BackoffPolicy = 'linear' | 'exponential';

export interface BackoffOptions {
  readonly policy: BackoffPolicy;
  readonly delayMs: number;
  /** Bound on the wait before jitter. */
  readonly delayMsMax: number;
}

/** Default bound on one wait: 5 minutes. */
export const BACKOFF_MS_MAX = 300_000;

/** Default spread: ±10 %. */
export const JITTER_RATIO = 0.1;

/** The wait before the `retry`-th retry (1 is the first), without jitter. Never negative, never above the cap. */
export function backoffMs(retry: number, options: BackoffOptions): number {
  if (options.delayMs <= 0) return 0; // also keeps 0 · 2^∞ from becoming NaN
  const factor = options.policy === 'linear' ? retry : 2 ** (retry - 1);
  return Math.max(0, Math.min(options.delayMs * factor, options.delayMsMax));
}

/** Spreads a wait over ±`ratio` of itself. */
export function withJitter(waitMs: number, random: Random, ratio: number = JITTER_RATIO): number {
  return waitMs * (1 + (random.next() * 2 - 1) * ratio);
}
