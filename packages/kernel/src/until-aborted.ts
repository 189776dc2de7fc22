/** An end to waiting for work that itself cannot be ended. */
import { abortedError } from './errors.ts';

/**
 * Settles as `work` does, or rejects with {@link abortedError} as soon as the signal aborts. What becomes of the work
 * afterwards is nobody's business; a failure of it is not left unhandled. Without a signal it is the work itself.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortedError(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
