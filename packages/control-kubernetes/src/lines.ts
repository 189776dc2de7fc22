/**
 * Lines of a stream of bytes. Bytes are put together before they become text, so neither a character nor a line that
 * is spread over chunks breaks; a long line costs one copy, not one for each chunk.
 */
import { KubernetesError } from './errors.ts';

/** Longest line that is put together: the largest objects are a few MiB. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

export interface LinesOptions {
  /** Default 16 MiB. */
  readonly bytesMax?: number | undefined;
  /** Whether what follows the last newline counts as a line, too. Default false: it was cut off. */
  readonly keepRest?: boolean | undefined;
}

/** The lines, without their newlines. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  options: LinesOptions = {},
): AsyncGenerator<string, void> {
  const bytesMax = options.bytesMax ?? LINE_BYTES_MAX;
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > bytesMax) throw lineTooLong(bytesMax);
    parts.push(part);
  };
  const line = (): string => {
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    bytes = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (options.keepRest === true && bytes > 0) yield line();
}

function lineTooLong(bytesMax: number): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_ANSWER_TOO_LARGE',
    `the server sent a line of more than ${String(bytesMax)} bytes`,
    { details: { bytesMax } },
  );
}
