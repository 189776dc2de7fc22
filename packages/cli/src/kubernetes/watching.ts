/**
 * A watch that goes on: when the server ends it (they all do, after minutes) or the connection breaks, it begins
 * again at the last version seen. A version that is forgotten, or a server that stays away, ends it with an error.
 */
import { asStatus, linesOf, statusError, type ApiResource } from '@afflux/control-kubernetes';
import { isRecord } from '@afflux/resources';
import { failedWith, isConnectionLost } from './failure.ts';
import { listPath, selectionQuery, type Scope } from './reading.ts';
import type { Session } from './session.ts';

/** A server ends a watch by itself after so long; it is asked to, so that a dead connection is found. */
const WATCH_SECONDS = 300;

/** How often a watch that breaks is begun again without an event in between, and the pause before. */
const RESTARTS_MAX = 5;
const RESTART_MS = 1_000;

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
}

export interface WatchRequest {
  readonly scope: Scope;
  readonly resourceVersion: string;
  readonly accept?: string;
  /** The version of an event's object, to go on from. */
  readonly versionOf: (object: unknown) => string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Events until the reader leaves, the signal aborts (it rejects), or the server says no. */
export async function* watchEvents(
  session: Session,
  resource: ApiResource,
  request: WatchRequest,
): AsyncGenerator<WatchEvent, void> {
  let { resourceVersion } = request;
  let broken = 0;
  for (;;) {
    let isSilent = true;
    try {
      for await (const event of oneWatch(session, resource, { ...request, resourceVersion })) {
        broken = 0;
        isSilent = false;
        resourceVersion = request.versionOf(event.object) ?? resourceVersion;
        if (event.type !== 'BOOKMARK') yield event;
      }
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      broken += 1;
      if (broken > RESTARTS_MAX) throw error;
    }
    // A server that ends watches at once must not be asked without a pause.
    if (isSilent)
      await session.io.clock.sleep(RESTART_MS, request.signal ?? session.io.interrupted);
  }
}

async function* oneWatch(
  session: Session,
  resource: ApiResource,
  { scope, resourceVersion, accept, signal }: WatchRequest,
): AsyncGenerator<WatchEvent, void> {
  const stream = await session.stream({
    path: listPath(resource, scope),
    query: {
      ...selectionQuery(scope),
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      timeoutSeconds: WATCH_SECONDS,
    },
    ...(accept === undefined ? {} : { headers: { accept } }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    for await (const line of linesOf(stream.chunks)) {
      if (line.trim() !== '') yield eventOf(line);
    }
  } finally {
    stream.cancel();
  }
}

function eventOf(line: string): WatchEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw failedWith('error: the server sent something on a watch that is no JSON');
  }
  const { type, object } = isRecord(value) ? value : {};
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    default:
      throw statusError(asStatus(object) ?? { kind: 'Status' });
  }
}

/** Where a watch goes on after an object. */
export function objectVersion(object: unknown): string | undefined {
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {};
  const version = metadata['resourceVersion'];
  return typeof version === 'string' && version !== '' ? version : undefined;
}
