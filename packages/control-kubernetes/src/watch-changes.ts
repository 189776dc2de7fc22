/**
 * The lines of a watch as changes. How a watch ends decides what its reader does next, so the endings are told apart:
 *
 *     the server closes it, the connection breaks, it falls silent   the iteration ends: watch again
 *     the server sends an ERROR                                      its error (410: Expired, list again)
 *     a line is no change                                            AFFLUX_KUBERNETES_ANSWER_INVALID
 */
import type { Change } from '@afflux/control';
import { KubernetesError } from './errors.ts';
import { linesOf } from './lines.ts';
import { servedObject } from './served-objects.ts';
import { asStatus, statusError } from './status-error.ts';

/** Reads a watch to its end. */
export async function* changesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Change, void> {
  const lines = linesOf(chunks);
  for (;;) {
    let step: IteratorResult<string, void>;
    try {
      step = await lines.next();
    } catch (error) {
      if (isQuietEnd(error)) return;
      throw error;
    }
    if (step.done === true) return;
    try {
      yield changeOf(step.value);
    } catch (error) {
      await lines.return();
      throw error;
    }
  }
}

function isQuietEnd(error: unknown): boolean {
  return (
    error instanceof KubernetesError &&
    (error.code === 'AFFLUX_KUBERNETES_UNREACHABLE' ||
      error.code === 'AFFLUX_KUBERNETES_STREAM_SILENT')
  );
}

function changeOf(line: string): Change {
  const { type, object } = parseLine(line);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: servedObject(object) };
    case 'BOOKMARK': {
      const { resourceVersion } = servedObject(object).metadata;
      if (resourceVersion === undefined) throw noChange();
      return { type, resourceVersion };
    }
    case 'ERROR':
      throw statusError(asStatus(object) ?? { kind: 'Status' });
    default:
      throw noChange();
  }
}

function parseLine(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    return (JSON.parse(line) as object | null) ?? {};
  } catch (cause) {
    throw noChange(cause);
  }
}

function noChange(cause?: unknown): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_ANSWER_INVALID',
    'the server sent something on a watch that is no change',
    { cause },
  );
}
