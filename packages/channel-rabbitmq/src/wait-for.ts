/** Waiting for a condition that is looked at again whenever something changed, or from time to time. */
import type { Clock } from '@afflux/kernel';

const LOOK_AGAIN_MS = 5;

/** Resolves when it is met or the signal aborts. `listeners` are called at each change. */
export function waitFor(
  listeners: Set<() => void>,
  isMet: () => boolean,
  signal?: AbortSignal,
): Promise<void> {
  if (isMet() || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const check = (): void => {
      if (!isMet() && signal?.aborted !== true) return;
      listeners.delete(check);
      signal?.removeEventListener('abort', check);
      resolve();
    };
    listeners.add(check);
    signal?.addEventListener('abort', check, { once: true });
  });
}

/** Resolves when it is so no more or the signal aborts, where nobody tells of changes. */
export async function waitWhile(
  clock: Clock,
  isSo: () => boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (isSo() && signal?.aborted !== true) {
    await clock.sleep(LOOK_AGAIN_MS, signal).catch(() => undefined);
  }
}

export interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export function promiseWithResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
