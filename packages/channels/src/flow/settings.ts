/** How fast, how many at once and in what order a subscription's events go out. */
import { strict as assert } from 'node:assert';

export interface BreakerSettings {
  /** Consecutive unhealthy settlements that open the circuit. At least 1. */
  readonly failuresMin: number;
  /** First pause, before jitter. */
  readonly openMs: number;
  /** Bound on the pause, which doubles with each failed probe. */
  readonly openMsMax: number;
}

export interface FlowSettings {
  /** Calls of `handle` at the same time. At least 1. */
  readonly maxInFlight: number;
  /** Calls of `handle` per second, retries included. Absent: no limit. */
  readonly ratePerSecond?: number;
  /**
   * `ordered`: events with the same `partitionkey` go one after the other, in the order accepted; while one
   * is in flight or waits for its retry, the later ones wait. Events without the attribute share one key.
   */
  readonly order: 'unordered' | 'ordered';
  /** Absent: the circuit never opens. */
  readonly breaker?: BreakerSettings;
}

/**
 * For breaker fields that a caller does not set: opens after 10 failures in a row, pauses from 1 s up to 30 s.
 */
export const BREAKER_DEFAULTS: BreakerSettings = {
  failuresMin: 10,
  openMs: 1_000,
  openMsMax: 30_000,
};

/** For flow settings that a caller does not set. */
export const FLOW_DEFAULTS: FlowSettings = {
  maxInFlight: 64,
  order: 'unordered',
  breaker: BREAKER_DEFAULTS,
};

/** Settings come validated from admission: a wrong one here is a programmer error. */
export function assertSettings(settings: FlowSettings): void {
  const { maxInFlight, ratePerSecond, breaker } = settings;
  assert(
    Number.isInteger(maxInFlight) && maxInFlight > 0,
    'maxInFlight must be a positive integer',
  );
  assert(ratePerSecond === undefined || ratePerSecond > 0, 'ratePerSecond must be positive');
  if (breaker === undefined) return;
  assert(
    Number.isInteger(breaker.failuresMin) && breaker.failuresMin > 0,
    'breaker.failuresMin must be a positive integer',
  );
  assert(
    breaker.openMs > 0 && breaker.openMs <= breaker.openMsMax,
    'breaker.openMs must be positive and at most breaker.openMsMax',
  );
}
