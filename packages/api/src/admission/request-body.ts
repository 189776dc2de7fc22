/** Reading a request to its end, in bounded size and time. */
import type { Clock } from '@afflux/kernel';
import type { IncomingMessage } from 'node:http';

/** Why there is no body. */
export type NoBody = 'too-large' | 'too-slow' | 'gone';

export interface BodyBounds {
  readonly bytesMax: number;
  readonly msMax: number;
}

/** Never rejects. Of a body that is too large or too slow the rest is not read. */
export function readBody(
  request: IncomingMessage,
  clock: Clock,
  { bytesMax, msMax }: BodyBounds,
): Promise<Buffer | NoBody> {
  // Told before it is sent: nothing of it need be read.
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    return Promise.resolve('too-large');
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Buffer | NoBody): void => {
      timer.cancel();
      request.off('data', onData);
      request.pause();
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > bytesMax) finish('too-large');
      else chunks.push(chunk);
    };
    const timer = clock.setTimer(msMax, () => {
      finish('too-slow');
    });
    request.on('data', onData);
    request.once('end', () => {
      finish(Buffer.concat(chunks));
    });
    request.once('error', () => {
      finish('gone');
    });
    request.once('close', () => {
      finish('gone');
    });
  });
}
