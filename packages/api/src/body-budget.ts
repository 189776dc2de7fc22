/**
 * Bytes of bodies that are in this process at one time (threat T02): each is bounded, and this bounds them together.
 * What counts is what has arrived: a request that announces much and sends little takes no room from others.
 */
import { Transform, type Readable } from 'node:stream';
import { ApiError } from './errors.ts';

/** Of all requests together. */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

export class BodyBudget {
  #bytes = 0;

  /**
   * The body, counted as it arrives; it fails with TooManyRequests where it would be too much together with others.
   * `onDone` is given what gives its bytes back.
   */
  counted(body: Readable, onDone: (release: () => void) => void): Readable {
    let taken = 0;
    const release = (): void => {
      this.#bytes -= taken;
      taken = 0;
    };
    const counting = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (this.#bytes + chunk.length > BODIES_BYTES_MAX) {
          // What it had makes room for the others at once, or they would all be refused one after the other.
          release();
          done(tooMany());
          return;
        }
        this.#bytes += chunk.length;
        taken += chunk.length;
        done(null, chunk);
      },
    });
    onDone(release);
    body.once('error', (error) => counting.destroy(error));
    // Its answer can still be sent: what comes after it is passed over until the connection is closed.
    counting.once('error', () => {
      body.unpipe(counting);
      body.resume();
    });
    return body.pipe(counting);
  }
}

function tooMany(): ApiError {
  return new ApiError(
    'AFFLUX_API_TOO_MANY_REQUESTS',
    'the server is reading too many request bodies, please try again later',
  );
}
