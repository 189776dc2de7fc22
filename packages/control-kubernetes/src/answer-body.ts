/** Reading the body of an answer: bounded, and unpacked where the server packed it. */
import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { KubernetesError } from './errors.ts';

const unzip = promisify(gunzip);

function tooLarge(bytesMax: number): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_ANSWER_TOO_LARGE',
    `the server answered with more than ${String(bytesMax)} bytes`,
    { details: { bytesMax } },
  );
}

function badGzip(cause: unknown): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_ANSWER_INVALID',
    'the answer of the server is not the gzip that it says it is',
    { cause },
  );
}

/** The whole body as text. `bytesMax` holds before and after unpacking. */
export async function readBody(
  body: Readable,
  encoding: string | undefined,
  bytesMax: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  const packed = Buffer.concat(chunks);
  if (encoding !== 'gzip') return packed.toString('utf8');
  try {
    return (await unzip(packed, { maxOutputLength: bytesMax })).toString('utf8');
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw isLarge ? tooLarge(bytesMax) : badGzip(error);
  }
}

/** A body that goes on and on, unpacked where needed. */
export function unpacked(body: Readable, encoding: string | undefined): Readable {
  if (encoding !== 'gzip') return body;
  // The callback only keeps a failure from being unhandled: the reader of the result sees it.
  return pipeline(body, createGunzip(), () => undefined);
}
