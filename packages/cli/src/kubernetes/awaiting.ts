/** Waiting until one object is as somebody wants it: a look, then a watch, until a deadline that several may share. */
import type { Clock } from '@afflux/kernel';
import { isAborted, isExpired } from './failure.ts';
import type { ObjectTarget } from './manifest-targets.ts';
import type { KubeObject } from './objects.ts';
import { readObjects, type Scope } from './reading.ts';
import type { Session } from './session.ts';
import { objectVersion, watchEvents } from './watching.ts';

/** kubectl's: a negative time-out means a week. */
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** A moment that ends waiting, and the signal that says so. Close it when done. */
export class Deadline {
  readonly signal: AbortSignal;
  /** There is no time to wait, only to look. */
  readonly isOnlyALook: boolean;
  readonly #expired = new AbortController();
  readonly #timer: { cancel(): void } | undefined;

  /** `timeoutMs` 0: only look; below: a week; undefined: for ever. */
  constructor(clock: Clock, timeoutMs: number | undefined, interrupted: AbortSignal) {
    this.signal = AbortSignal.any([this.#expired.signal, interrupted]);
    this.isOnlyALook = timeoutMs === 0;
    if (timeoutMs === undefined) return;
    if (this.isOnlyALook) {
      this.#expired.abort();
      return;
    }
    this.#timer = clock.setTimer(timeoutMs < 0 ? WEEK_MS : timeoutMs, () => {
      this.#expired.abort();
    });
  }

  isOver(): boolean {
    return this.#expired.signal.aborted;
  }

  close(): void {
    this.#timer?.cancel();
  }
}

/** Resolves with true when it is so, with false at the deadline. There is always one look. */
export async function awaitObject(
  session: Session,
  { resource, namespace, name }: ObjectTarget,
  {
    isMet,
    deadline,
  }: {
    readonly isMet: (object: KubeObject | undefined) => boolean;
    readonly deadline: Deadline;
  },
): Promise<boolean> {
  const scope: Scope = { namespace, fieldSelector: `metadata.name=${name}` };
  for (;;) {
    const { items, resourceVersion } = await readObjects(session, resource, scope);
    if (isMet(items[0])) return true;
    if (deadline.isOver()) return false;
    try {
      const { signal } = deadline;
      const request = { scope, resourceVersion, versionOf: objectVersion, signal };
      for await (const { type, object } of watchEvents(session, resource, request)) {
        if (isMet(type === 'DELETED' ? undefined : (object as KubeObject))) return true;
      }
    } catch (error) {
      if (isAborted(error) && deadline.isOver()) return false;
      // The version of the list is forgotten: look again.
      if (!isExpired(error)) throw error;
    }
  }
}
