/**
 * The origins that a sender has connections to: at most `originsMax`, the least recently used idle one making
 * room for a new one, and none kept that was not used for `originIdleMs`. An origin with certificates of its
 * own is an origin of its own.
 */
import { rootCertificates } from 'node:tls';
import type { Clock, Timer } from '@afflux/kernel';
import { OriginPool } from './origin-pool.ts';
import type { PoolContext } from './origin-pool.ts';
import { newConnector } from './undici.ts';

export class OriginPools {
  readonly #context: PoolContext;
  readonly #clock: Clock;
  readonly #pools = new Map<string, OriginPool>();
  #sweep: Timer | undefined;

  constructor(context: PoolContext, clock: Clock) {
    this.#context = context;
    this.#clock = clock;
  }

  /** The pool of an origin; undefined when there are too many origins and all are busy. */
  get(origin: string, caCerts: string | undefined): OriginPool | undefined {
    const key = caCerts === undefined ? origin : `${origin}\n${caCerts}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    if (this.#pools.size >= this.#context.config.originsMax && !this.#evict()) return undefined;
    const pool = new OriginPool(origin, this.#connector(caCerts), this.#context);
    this.#pools.set(key, pool);
    this.#scheduleSweep();
    return pool;
  }

  close(): void {
    this.#sweep?.cancel();
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }

  #connector(caCerts: string | undefined) {
    return newConnector({
      lookup: this.#context.guard.lookup,
      autoSelectFamily: true,
      // Attempts bound the time to connect themselves.
      timeout: 0,
      rejectUnauthorized: true,
      ...(caCerts === undefined ? {} : { ca: [...rootCertificates, caCerts] }),
    });
  }

  #evict(): boolean {
    let oldest: [string, OriginPool] | undefined;
    for (const entry of this.#pools) {
      if (entry[1].isBusy) continue;
      if (oldest === undefined || entry[1].lastUsedMs < oldest[1].lastUsedMs) oldest = entry;
    }
    if (oldest !== undefined) this.#remove(...oldest);
    return oldest !== undefined;
  }

  #remove(key: string, pool: OriginPool): void {
    this.#pools.delete(key);
    pool.close();
  }

  #scheduleSweep(): void {
    if (this.#sweep !== undefined || this.#pools.size === 0) return;
    const { originIdleMs } = this.#context.config;
    this.#sweep = this.#clock.setTimer(originIdleMs, () => {
      this.#sweep = undefined;
      const staleMs = this.#context.monotonicMs() - originIdleMs;
      for (const [key, pool] of this.#pools) {
        if (!pool.isBusy && pool.lastUsedMs <= staleMs) this.#remove(key, pool);
      }
      this.#scheduleSweep();
    });
  }
}
