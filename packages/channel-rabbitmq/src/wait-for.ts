/** Waiting for a condition that is looked at again whenever something changed. */

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

export interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export function promiseWithResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
