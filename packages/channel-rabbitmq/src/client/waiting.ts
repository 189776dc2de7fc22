/** Waiting with a bound for what a server may never answer. */
import type { Clock } from '@afflux/kernel';

/** A server that does not answer is not waited for longer. */
export const CLOSE_WAIT_MS = 2_000;

/** Resolves with the promise or after so long, whichever comes first. Failures are somebody else's. */
export async function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, clock.sleep(ms, limit.signal).catch(() => undefined)]);
  limit.abort();
}
