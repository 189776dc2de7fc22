/**
 * The response of one attempt while it is read: how much of the body is kept, when there has been enough of
 * it, and what the whole means.
 *
 * A reply that somebody wants is kept whole, up to its bound. Of everything else the first KiB is kept, for
 * dead letters; it is read a little further to keep the connection usable, then cut.
 */
import { decodeHttpReply } from '@afflux/events';
import { selectPassthrough } from './forwarded-headers.ts';
import type { Failed, Outcome, SendRequest, Success } from './outcome.ts';
import { headStrings, mayCarryEvent, retryAfterMs } from './response-head.ts';
import { carriesRetryAfter, isRetryableStatus } from './retry-table.ts';

/** What is kept of a response body for a dead letter. */
const RESPONSE_START_BYTES_MAX = 1024;
/** A body that nobody wants is read up to here, to keep the connection; beyond, the connection is cut. */
const UNWANTED_BODY_BYTES_MAX = 65_536;

export class ResponseReader {
  readonly #status: number;
  readonly #head: readonly Buffer[];
  readonly #wantsReply: boolean;
  readonly #keptMax: number;
  /** Whether the reply is kept and decoded: never of a failure, nor of a 202. */
  readonly #keepsReply: boolean;
  #parts: Buffer[] | undefined = undefined;
  #bytes = 0;

  constructor(
    status: number,
    head: readonly Buffer[],
    request: SendRequest,
    replyBytesMax: number,
  ) {
    this.#status = status;
    this.#head = head;
    this.#wantsReply = request.wantsReply && request.discardsReply !== true;
    this.#keepsReply = this.#wantsReply && status < 300 && status !== 202;
    this.#keptMax = this.#keepsReply ? replyBytesMax : RESPONSE_START_BYTES_MAX;
  }

  get isFailure(): boolean {
    return this.#status >= 300;
  }

  /** `enough`: the outcome is known, the rest does not matter. `too-large`: the reply is beyond its bound. */
  push(chunk: Buffer): 'more' | 'enough' | 'too-large' {
    if (this.#bytes < this.#keptMax) (this.#parts ??= []).push(chunk);
    this.#bytes += chunk.length;
    if (this.#keepsReply) return this.#bytes > this.#keptMax ? 'too-large' : 'more';
    return this.#bytes > UNWANTED_BODY_BYTES_MAX ? 'enough' : 'more';
  }

  /** Of a response read to its end, or as far as anybody is interested. `nowMs` is wall time. */
  outcome(durationMs: number, nowMs: number): Outcome {
    if (this.isFailure) return this.#failure(durationMs, nowMs);
    const success: Success = { kind: 'success', status: this.#status, durationMs };
    if (!this.#wantsReply || (this.#bytes === 0 && !mayCarryEvent(this.#head))) return success;
    return this.#keepsReply ? this.#withReply(success) : this.#withoutReply(success);
  }

  /** The target has seen the event and would answer the same again: trying again makes duplicates only. */
  tooLarge(durationMs: number): Failed {
    return {
      kind: 'failure',
      reason: 'response-too-large',
      status: this.#status,
      retryable: false,
      message: `the reply is larger than ${String(this.#keptMax)} bytes`,
      durationMs,
    };
  }

  #failure(durationMs: number, nowMs: number): Failed {
    const status = this.#status;
    const afterMs = carriesRetryAfter(status) ? retryAfterMs(this.#head, nowMs) : undefined;
    return {
      kind: 'failure',
      reason: 'status',
      status,
      retryable: isRetryableStatus(status),
      ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
      ...(this.#bytes === 0 ? {} : { responseStart: this.#start() }),
      message: `the target answered with status ${String(status)}`,
      durationMs,
    };
  }

  #withReply(success: Success): Success {
    const head = headStrings(this.#head);
    const decoded = decodeHttpReply(this.#status, head, this.#body());
    switch (decoded.kind) {
      case 'none':
        return success;
      case 'event': {
        const replyPassthrough = selectPassthrough(head);
        return replyPassthrough === undefined
          ? { ...success, reply: decoded.event }
          : { ...success, reply: decoded.event, replyPassthrough };
      }
      case 'not-an-event':
      case 'invalid':
        return { ...success, replyIgnored: decoded.kind, responseStart: this.#start() };
    }
  }

  #withoutReply(success: Success): Success {
    const isMarked = decodeHttpReply(200, headStrings(this.#head), EMPTY).kind !== 'none';
    return this.#bytes > 0 || isMarked ? { ...success, replyIgnored: 'accepted-202' } : success;
  }

  #body(): Buffer {
    const [first = EMPTY] = this.#parts ?? [];
    return this.#parts?.length === 1 ? first : Buffer.concat(this.#parts ?? []);
  }

  /** A copy, so that the buffers of the connection are not kept alive by it. */
  #start(): Buffer {
    return Buffer.from(this.#body().subarray(0, RESPONSE_START_BYTES_MAX));
  }
}

const EMPTY = Buffer.alloc(0);
