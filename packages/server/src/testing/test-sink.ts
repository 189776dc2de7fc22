/**
 * A subscriber for tests: a real HTTP listener on a free port of the loopback interface that keeps every event it
 * is sent, and answers as the test says. Needs no test framework.
 *
 * Bounds: a body of {@link BODY_BYTES_MAX}, the last {@link EVENTS_KEPT_MAX} events.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  decodeHttp,
  encodeBinary,
  makeEvent,
  type CloudEvent,
  type EventInput,
} from '@afflux/events';
import { systemClock } from '@afflux/kernel';
import { ServerError } from '../errors.ts';

const BODY_BYTES_MAX = 8 * 1024 * 1024;
const EVENTS_KEPT_MAX = 100_000;
const WITHIN_MS = 5_000;
/** Received events that the message of a failure shows. */
const SHOWN_MAX = 20;

export interface ReceivedEvent {
  readonly event: CloudEvent;
  /** Path of the request, `/` where the subscriber's address has none. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What the sink answered. */
  readonly status: number;
}

/** Attributes an event must have, as text; or any other test of it. `path` is that of the request. */
export type EventMatch =
  | ({ readonly path?: string } & Readonly<Record<string, string>>)
  | ((received: ReceivedEvent) => boolean);

export interface ReceivedOptions {
  /** At least so many; default 1. */
  readonly count?: number;
  /** How long to wait for them; default 5 s. */
  readonly withinMs?: number;
}

/** A status, or a reply event (with status 200). */
export type SinkAnswer = number | EventInput;

export class TestSink {
  readonly #server: Server;
  readonly #received: ReceivedEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #answer: (event: CloudEvent, path: string) => SinkAnswer | Promise<SinkAnswer> = () => 200;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#take(request, response).catch(() => {
        response.destroy();
      });
    });
  }

  /** Resolves when it listens. */
  static async start(): Promise<TestSink> {
    const sink = new TestSink();
    await new Promise<void>((resolve, reject) => {
      sink.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return sink;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}/`;
  }

  /** Everything received so far, in order of arrival, whatever the answer was. */
  get events(): readonly ReceivedEvent[] {
    return this.#received;
  }

  /** What to answer from now on: always the same, or by event. */
  answer(
    answer: SinkAnswer | ((event: CloudEvent, path: string) => SinkAnswer | Promise<SinkAnswer>),
  ): void {
    this.#answer = typeof answer === 'function' ? answer : () => answer;
  }

  /**
   * Resolves with all matching events once there are as many as asked for, those that were there before included.
   * Rejects with `AFFLUX_SERVER_TEST_EVENTS_MISSING`, which says what came instead.
   */
  async received(match: EventMatch = {}, options: ReceivedOptions = {}): Promise<ReceivedEvent[]> {
    const { count = 1, withinMs = WITHIN_MS } = options;
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = this.#received.filter(predicateOf(match));
      if (found.length >= count) return found;
      if (deadline.aborted) throw this.#missing(match, { found: found.length, count, withinMs });
      await this.#next(deadline);
    }
  }

  /** Forgets what was received. */
  clear(): void {
    this.#received.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** Resolves with the next event, or when the signal aborts. */
  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === undefined) {
      response.writeHead(413).end();
      return;
    }
    let events: readonly CloudEvent[];
    try {
      events = decodeHttp(request.rawHeaders, body);
    } catch (error) {
      response.writeHead(400).end(error instanceof Error ? error.message : '');
      return;
    }
    const [first] = events;
    if (first === undefined) {
      response.writeHead(200).end();
      return;
    }
    const path = new URL(request.url ?? '/', 'http://sink').pathname;
    const answer = await this.#answer(first, path);
    this.#note(events, request, { path, status: typeof answer === 'number' ? answer : 200 });
    write(response, answer);
  }

  #note(
    events: readonly CloudEvent[],
    { headers }: IncomingMessage,
    { path, status }: { readonly path: string; readonly status: number },
  ): void {
    for (const event of events) this.#received.push({ event, path, headers, status });
    if (this.#received.length > EVENTS_KEPT_MAX) {
      this.#received.splice(0, this.#received.length - EVENTS_KEPT_MAX);
    }
    for (const wake of [...this.#waiting]) wake();
  }

  #missing(
    match: EventMatch,
    { found, count, withinMs }: { found: number; count: number; withinMs: number },
  ): ServerError {
    const wanted = typeof match === 'function' ? 'that match' : `with ${JSON.stringify(match)}`;
    const shown = this.#received
      .slice(-SHOWN_MAX)
      .map(
        ({ event, path, status }) => `  ${event.type} id=${event.id} at ${path}: ${String(status)}`,
      );
    const others = shown.length === 0 ? 'nothing was received' : `received:\n${shown.join('\n')}`;
    return new ServerError(
      `${String(found)} of ${String(count)} events ${wanted} within ${String(withinMs)} ms; ${others}`,
      { code: 'AFFLUX_SERVER_TEST_EVENTS_MISSING', details: { found, count, withinMs } },
    );
  }
}

function predicateOf(match: EventMatch): (received: ReceivedEvent) => boolean {
  if (typeof match === 'function') return match;
  const { path, ...attributes } = match;
  return (received) =>
    (path === undefined || received.path === path) &&
    Object.entries(attributes).every(([name, value]) => received.event.getText(name) === value);
}

/** Undefined when there is more than the bound. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function write(response: ServerResponse, answer: SinkAnswer): void {
  if (typeof answer === 'number') {
    response.writeHead(answer).end();
    return;
  }
  const { headers, body } = encodeBinary(makeEvent(answer));
  response.writeHead(200, [...headers]).end(body);
}

/** For tests that wait for something else than events. Resolves when the check no longer throws. */
export async function eventually(
  check: () => void | Promise<void>,
  withinMs = WITHIN_MS,
): Promise<void> {
  const endMs = systemClock.monotonicMs() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (systemClock.monotonicMs() >= endMs) throw error;
    }
    await systemClock.sleep(CHECK_MS);
  }
}

const CHECK_MS = 10;
