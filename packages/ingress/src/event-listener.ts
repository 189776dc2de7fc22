/**
 * The port that takes events. It stands directly on `node:http`: the per-request machinery of a framework
 * costs more here than everything that this product does with an event (see the README's figures).
 *
 * Order of checks: method, host and origin, route, lengths; only then is a body read (threats T02, T09).
 * Slow clients are cut by Node's header and request timeouts (T04), ambiguous requests by its strict parser
 * (T11). When draining, the port closes, requests under way finish and open connections are told to go.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  BaseComponent,
  noopTracer,
  type BoundCounter,
  type BoundHistogram,
  type Clock,
  type Counter,
  type Histogram,
  type Logger,
  type Meter,
  type OnStep,
  type Tracer,
} from '@afflux/kernel';
import { answerProblem } from './answer.ts';
import { BodyBudget } from './body-budget.ts';
import type { IngressConfig } from './config.ts';
import { IngressError } from './errors.ts';
import { answerOptions } from './handshake.ts';
import { HostGuard } from './host-guard.ts';
import { problemOf } from './problem.ts';
import { Reception, type ReceptionHost } from './reception.ts';
import { readRequestHead } from './request-head.ts';
import type { EventRoute, RouteTable } from './route-table.ts';

/** How often Node looks for connections that are over their time; bounds how late a timeout can be. */
const TIMEOUT_CHECK_MS = 1_000;

export interface EventListenerOptions {
  readonly routes: RouteTable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Default: none, and the trace context of a request goes on as it came. */
  readonly tracer?: Tracer;
  /** Told before each 202. */
  readonly onStep?: OnStep | undefined;
}

export class EventListener extends BaseComponent implements ReceptionHost {
  readonly name = 'event listener';
  readonly clock: Clock;
  readonly tracer: Tracer;
  readonly budget: BodyBudget;
  readonly bodyBytesMax: number;
  readonly onStep: OnStep | undefined;
  readonly #routes: RouteTable;
  readonly #logger: Logger;
  readonly #config: IngressConfig;
  readonly #guard: HostGuard;
  readonly #durations: Histogram;
  readonly #durationChildren = new WeakMap<EventRoute, Map<number, BoundHistogram>>();
  readonly #refusals: Counter;
  readonly #refusalChildren = new Map<string, BoundCounter>();
  readonly #stopObserving: () => void;
  #server: Server | undefined;
  #active = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: EventListenerOptions, config: IngressConfig) {
    super();
    this.clock = options.clock;
    this.tracer = options.tracer ?? noopTracer;
    this.bodyBytesMax = config.bodyBytesMax;
    this.onStep = options.onStep;
    this.budget = new BodyBudget(config.bodiesBytesMax, config.namespaceShare);
    this.#routes = options.routes;
    this.#logger = options.logger;
    this.#config = config;
    this.#guard = new HostGuard(config);
    this.#refusals = options.meter.counter({
      name: 'afflux_ingress_refused_total',
      help: 'Requests that were refused, by problem code.',
      labels: ['code'],
    });
    this.#durations = options.meter.histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Time from the headers of a request to its answer, by route.',
      labels: ['http_route', 'http_response_status_code'],
    });
    this.#stopObserving = options.meter.observe(
      { name: 'afflux_ingress_receiving_bytes', help: 'Bytes of bodies being received.' },
      () => [{ value: this.budget.bytes, labels: [] }],
    );
  }

  get isDraining(): boolean {
    return this.state === 'draining';
  }

  /** Where it listens; only while running. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return {
      host: address?.address ?? this.#config.host,
      port: address?.port ?? this.#config.port,
    };
  }

  finished(reception: Reception, status: number, error: unknown): void {
    this.#active -= 1;
    if (this.#active === 0) this.#whenIdle?.();
    const seconds = (this.clock.monotonicMs() - reception.startedMs) / 1000;
    if (status !== 0) this.#durationOf(reception.route, status).record(seconds);
    if (error !== undefined) this.#countRefusal(error);
  }

  protected override async onStart(): Promise<void> {
    const config = this.#config;
    const server = createServer({
      maxHeaderSize: config.headerBytesMax,
      headersTimeout: config.headersTimeoutMs,
      requestTimeout: config.requestTimeoutMs,
      keepAliveTimeout: config.keepAliveTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      noDelay: true,
      insecureHTTPParser: false,
    });
    this.#server = server;
    server.maxConnections = config.connectionsMax;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#receive(request, response, false);
    });
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      this.#receive(request, response, true);
    });
    server.on('clientError', answerBrokenRequest);
    await listen(server, config);
    server.on('error', (error) => {
      this.#logger.error({ err: error }, 'event listener failed');
    });
  }

  protected override async onDrain(signal?: AbortSignal): Promise<void> {
    this.#server?.close();
    this.#server?.closeIdleConnections();
    if (this.#active === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      signal?.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  protected override async onClose(): Promise<void> {
    this.#stopObserving();
    const server = this.#server;
    if (server?.listening !== true && this.#active === 0) {
      server?.closeAllConnections();
      return;
    }
    await new Promise<void>((resolve) => {
      server?.close(() => {
        resolve();
      });
      server?.closeAllConnections();
      if (server === undefined) resolve();
    });
  }

  #receive(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    if (request.method !== 'POST') {
      this.#answerOther(request, response);
      return;
    }
    const head = readRequestHead(request.rawHeaders);
    const route = this.#routes.find(request.url ?? '/', head.host);
    const refusal = this.#refusalByHead(request, route, head.host, head.origin);
    if (refusal !== undefined || route === undefined) {
      this.#answerProblem(request, response, refusal);
      return;
    }
    this.#active += 1;
    const reception = new Reception(this, request, response, route, head);
    if (expectsContinue && (head.contentLength ?? 0) <= this.bodyBytesMax) response.writeContinue();
    reception.begin();
  }

  #refusalByHead(
    request: IncomingMessage,
    route: EventRoute | undefined,
    host: string | undefined,
    origin: string | undefined,
  ): IngressError | undefined {
    const isOurs = this.#guard.allowsHost(host);
    if (!isOurs && (host === undefined || this.#routes.findHost(host) === undefined)) {
      // A stranger's name leads nowhere; a cluster name that no channel has is an unknown address.
      if (host === undefined || !/\.svc(\.|:|$)/i.test(host)) {
        return forbidden(
          `host ${JSON.stringify((host ?? '').slice(0, 100))} is not a name of this listener: add it to ingress.allowedHosts`,
        );
      }
    }
    if (origin !== undefined && !this.#guard.allowsOrigin(origin, host)) {
      return forbidden(
        `origin ${JSON.stringify(origin.slice(0, 100))} may not post events here: add it to ingress.allowedOrigins`,
      );
    }
    if (route === undefined) {
      const path = JSON.stringify((request.url ?? '/').slice(0, 200));
      return new IngressError(
        `nothing receives events at ${path}: brokers are at /<namespace>/<broker>, channels at /<namespace>/channels/<channel>, sinks at /<namespace>/sinks/<sink>`,
        { code: 'AFFLUX_INGRESS_NOT_FOUND', fault: 'user', details: { status: 404 } },
      );
    }
    if (this.state === 'draining' || this.state === 'closed') {
      return new IngressError('the server is shutting down', {
        code: 'AFFLUX_INGRESS_DRAINING',
        retryable: true,
        details: { status: 503 },
      });
    }
    return undefined;
  }

  #answerOther(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'OPTIONS') {
      answerOptions(request, response);
      return;
    }
    const method = (request.method ?? '').slice(0, 20);
    this.#answerProblem(
      request,
      response,
      new IngressError(`method ${method} is not allowed: events are posted`, {
        code: 'AFFLUX_INGRESS_METHOD',
        fault: 'user',
        details: { status: 405 },
      }),
    );
  }

  #answerProblem(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    this.#countRefusal(error);
    answerProblem(request, response, problemOf(error), {
      clock: this.clock,
      isLast: this.state !== 'running',
    });
  }

  #durationOf(route: EventRoute, status: number): BoundHistogram {
    let children = this.#durationChildren.get(route);
    if (children === undefined) {
      children = new Map();
      this.#durationChildren.set(route, children);
    }
    let child = children.get(status);
    if (child === undefined) {
      child = this.#durations.labels(route.path, String(status));
      children.set(status, child);
    }
    return child;
  }

  #countRefusal(error: unknown): void {
    const { code } = problemOf(error);
    let child = this.#refusalChildren.get(code);
    if (child === undefined) {
      child = this.#refusals.labels(code);
      this.#refusalChildren.set(code, child);
    }
    child.add();
    if (code === 'AFFLUX_INTERNAL') this.#logger.error({ err: error }, 'event not taken');
  }
}

function forbidden(message: string): IngressError {
  return new IngressError(message, {
    code: 'AFFLUX_INGRESS_FORBIDDEN',
    fault: 'user',
    details: { status: 403 },
  });
}

function listen(server: Server, config: IngressConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      const where = `${config.host}:${String(config.port)}`;
      const hint =
        error.code === 'EADDRINUSE'
          ? `port ${String(config.port)} is taken: stop what uses it, or choose another with --port`
          : `cannot listen on ${where}: ${error.message}`;
      reject(
        new IngressError(hint, {
          code: 'AFFLUX_INGRESS_LISTEN',
          fault: 'user',
          cause: error,
          details: { host: config.host, port: config.port },
        }),
      );
    };
    server.once('error', onError);
    server.listen({ host: config.host, port: config.port, backlog: 4096 }, () => {
      server.removeListener('error', onError);
      resolve();
    });
  });
}

/** What the HTTP parser refuses never becomes a request: answered on the bare socket, then cut. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
