/**
 * One request from its headers to its answer.
 *
 *     head read → refused | body collected within bounds → decoded → route.accept → 202
 *
 * Nothing is accepted before the whole body is there, so a connection that breaks in mid-body leaves nothing
 * behind. Once the body is there the event is taken even if the producer has hung up (design, decision 2).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeHttp, type CloudEvent } from '@afflux/events';
import type { Clock, OnStep, Span, Tracer } from '@afflux/kernel';
import { answerProblem } from './answer.ts';
import type { BodyBudget } from './body-budget.ts';
import { IngressError } from './errors.ts';
import { problemOf } from './problem.ts';
import type { RequestHead } from './request-head.ts';
import type { EventRoute, RequestContext } from './route-table.ts';

const ACCEPTED_HEADERS = ['allow', 'POST, OPTIONS', 'content-length', '0'];
const ACCEPTED_LAST_HEADERS = [...ACCEPTED_HEADERS, 'connection', 'close'];

/** What a reception needs of its listener. */
export interface ReceptionHost {
  readonly clock: Clock;
  readonly tracer: Tracer;
  readonly budget: BodyBudget;
  readonly bodyBytesMax: number;
  readonly isDraining: boolean;
  readonly onStep: OnStep | undefined;
  /** Called once per request when it is over, however it ended. Status 0: the client went away. */
  finished(reception: Reception, status: number, error: unknown): void;
}

export class Reception {
  readonly route: EventRoute;
  readonly startedMs: number;
  readonly #host: ReceptionHost;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #head: RequestHead;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #bytes = 0;
  #reserved = 0;
  #isOver = false;
  #span: Span | undefined;

  constructor(
    host: ReceptionHost,
    request: IncomingMessage,
    response: ServerResponse,
    route: EventRoute,
    head: RequestHead,
  ) {
    this.#host = host;
    this.#request = request;
    this.#response = response;
    this.#head = head;
    this.route = route;
    this.startedMs = host.clock.monotonicMs();
  }

  /** Refuses by headers alone, or begins to read. */
  begin(): void {
    const { contentLength, contentEncoding } = this.#head;
    if (contentLength !== undefined && contentLength > this.#host.bodyBytesMax) {
      this.#refuse(this.#tooLarge());
      return;
    }
    if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
      this.#refuse(
        new IngressError(
          `content-encoding ${JSON.stringify(contentEncoding.slice(0, 40))} is not accepted: send the body as it is`,
          { code: 'AFFLUX_INGRESS_ENCODING', fault: 'user', details: { status: 415 } },
        ),
      );
      return;
    }
    if (!this.#reserve(contentLength ?? 0)) return;
    this.#request.on('data', this.#onData);
    this.#request.on('end', this.#onEnd);
    // Without a listener for `error` an aborted request only closes.
    this.#request.on('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isOver) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#host.bodyBytesMax) {
      this.#refuse(this.#tooLarge());
      return;
    }
    if (this.#bytes > this.#reserved && !this.#reserve(this.#bytes - this.#reserved)) return;
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  };

  readonly #onEnd = (): void => {
    if (this.#isOver) return;
    const body =
      this.#more === undefined ? (this.#first ?? EMPTY) : Buffer.concat(this.#more, this.#bytes);
    let pending: Promise<void> | undefined;
    try {
      const events = decodeHttp(this.#request.rawHeaders, body);
      pending = events.length === 0 ? undefined : this.route.accept(events, this.#context(events));
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (pending === undefined) this.#accepted();
    else pending.then(this.#accepted, this.#refuse);
  };

  readonly #onClose = (): void => {
    // After `end` the body is complete and the route decides; a client that hung up cancels nothing.
    if (this.#isOver || this.#request.complete) return;
    this.#finish(0, undefined);
  };

  readonly #accepted = (): void => {
    this.#host.onStep?.('before-response');
    this.#response.writeHead(202, this.#host.isDraining ? ACCEPTED_LAST_HEADERS : ACCEPTED_HEADERS);
    this.#response.end();
    this.#finish(202, undefined);
  };

  readonly #refuse = (error: unknown): void => {
    if (this.#isOver) return;
    const problem = problemOf(error);
    this.#finish(problem.status, error);
    if (this.#response.destroyed) return;
    answerProblem(this.#request, this.#response, problem, {
      clock: this.#host.clock,
      isLast: this.#host.isDraining,
    });
  };

  /** What travels with the events: as it came, or below a span of this request where spans are recorded. */
  #context(events: readonly CloudEvent[]): RequestContext {
    if (!this.#host.tracer.enabled) return this.#head;
    const [event] = events;
    this.#span = this.#host.tracer.startSpan(`POST ${this.route.path}`, {
      kind: 'server',
      parent: this.#head.trace,
      attributes: {
        'http.request.method': 'POST',
        'http.route': this.route.path,
        ...(event === undefined
          ? {}
          : { 'cloudevents.type': event.type, 'cloudevents.source': event.source }),
      },
    });
    return { passthrough: this.#head.passthrough, trace: this.#span.context };
  }

  #reserve(bytes: number): boolean {
    if (this.#host.budget.reserve(this.route.namespace, bytes)) {
      this.#reserved += bytes;
      return true;
    }
    this.#refuse(
      new IngressError('too many bytes are being received at this moment: try again', {
        code: 'AFFLUX_INGRESS_OVERLOADED',
        retryable: true,
        details: { status: 503 },
      }),
    );
    return false;
  }

  #tooLarge(): IngressError {
    const max = String(this.#host.bodyBytesMax);
    return new IngressError(`the body is larger than the ${max} bytes that are accepted here`, {
      code: 'AFFLUX_INGRESS_BODY_TOO_LARGE',
      fault: 'user',
      details: { status: 413 },
    });
  }

  #finish(status: number, error: unknown): void {
    this.#isOver = true;
    this.#host.budget.release(this.route.namespace, this.#reserved);
    this.#first = undefined;
    this.#more = undefined;
    this.#span?.setAttribute('http.response.status_code', status);
    this.#span?.end(status >= 500 ? error : undefined);
    this.#host.finished(this, status, error);
  }
}

const EMPTY = Buffer.alloc(0);
