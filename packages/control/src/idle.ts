/** Waiting for a group of controllers and informers to come to rest, each of which may set others in motion. */
import { abortedError } from '@afflux/kernel';
import { nextTurn } from './event-loop.ts';

/** Something that comes to rest. */
export interface Idling {
  readonly isIdle: boolean;
  idle(): Promise<void>;
}

/**
 * Resolves when all members were at rest for a whole turn of the event loop. With a store in this process that
 * means: nothing is left to do but what waits for time or for the outside. With a remote store it is a good
 * guess, because a change may still be on the wire. Rejects with `AFFLUX_KERNEL_ABORTED` on abort.
 */
export async function allIdle(members: readonly Idling[], signal?: AbortSignal): Promise<void> {
  const { aborted, release } = abortOf(signal);
  try {
    do {
      await Promise.race([Promise.all(members.map((member) => member.idle())), aborted]);
      await nextTurn();
    } while (!members.every((member) => member.isIdle));
  } finally {
    release();
  }
}

/** A promise that only ever rejects, when the signal aborts. */
function abortOf(signal: AbortSignal | undefined): {
  aborted: Promise<never>;
  release: () => void;
} {
  let release = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal === undefined) return;
    const onAbort = (): void => {
      reject(abortedError(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    release = () => {
      signal.removeEventListener('abort', onAbort);
    };
  });
  // Whoever waits sees the rejection; nobody may be waiting any more.
  aborted.catch(() => undefined);
  return { aborted, release };
}
