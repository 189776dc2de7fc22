/**
 * Bytes of bodies that are in this process at one time (threat T02): each is bounded, and this bounds them together. A
 * declared length is reserved before the first byte is read; without one it is the longest there may be.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { BODY_BYTES_MAX } from './body.ts';
import { ApiError } from './errors.ts';

/** Of all requests together. */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

export class BodyBudget {
  #bytes = 0;

  /** Takes what the body of a request may need; returns how to give it back, once. Throws TooManyRequests. */
  reserve(headers: IncomingHttpHeaders): () => void {
    const bytes = bytesOf(headers);
    if (this.#bytes + bytes > BODIES_BYTES_MAX) {
      throw new ApiError(
        'AFFLUX_API_TOO_MANY_REQUESTS',
        'the server is reading too many request bodies, please try again later',
      );
    }
    this.#bytes += bytes;
    return () => {
      this.#bytes -= bytes;
    };
  }
}

/** A body that is too long is refused as soon as that is seen, so it never needs more than the longest. */
function bytesOf({
  'content-length': declared,
  'transfer-encoding': coding,
}: IncomingHttpHeaders): number {
  if (declared !== undefined) return Math.min(Number(declared), BODY_BYTES_MAX);
  return coding === undefined ? 0 : BODY_BYTES_MAX;
}
