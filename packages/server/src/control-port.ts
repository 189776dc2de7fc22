/**
 * The port for people, tools and probes: health, readiness, metrics, and the API. Loopback unless the host says otherwise; no
 * debug endpoint of any kind (threat T20).
 *
 * The framework behind it is loaded with the first request: that takes longer than everything else a start
 * does, and the first event need not wait for it. What speaks TLS is loaded only where there is a certificate.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { BaseComponent, type Logger } from '@afflux/kernel';
import type { Health } from '@afflux/observability';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { failure, type Status } from './api/status.ts';
import type { ControlDoor } from './control-door.ts';
import type { ControlGuard } from './control-guard.ts';
import { ServerError } from './errors.ts';

/** Bodies outside the API: none is expected. */
const BODY_BYTES_MAX = 1024;
/** Selectors of generated clients stand in the path. Node's own bound is 16 KiB. */
const HEADER_BYTES_MAX = 65_536;
const REQUEST_MS_MAX = 10_000;
/** How often clients are looked for that take longer. */
const CHECK_MS = 1_000;
/** Every watch holds one. */
const CONNECTIONS_MAX = 12_000;
/** Clients that ask every now and then keep their connection. */
const KEEP_ALIVE_MS = 60_000;
/** Names in paths are longer than the framework expects. */
const PATH_PART_LENGTH_MAX = 300;

export interface ControlPortOptions {
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly health: Pick<Health, 'live' | 'ready'>;
  /** Who may call. Asked for with the first request. */
  readonly guard: () => Pick<ControlGuard, 'refusalOf'>;
  /** With it the port speaks https beside http. Asked for at the start. */
  readonly tls?: () => { readonly cert: string; readonly key: string } | undefined;
  /** How long a client may take to say which of the two it speaks, and to shake hands. */
  readonly helloMsMax?: number;
  /** Until a request is there as a whole. Default 10 s. */
  readonly requestMsMax?: number;
  /** Open at the same time. Default 12,000: every watch holds one. */
  readonly connectionsMax?: number;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Puts further routes on the application before it answers. */
  readonly routes?: (app: FastifyInstance) => Promise<void>;
}

export class ControlPort extends BaseComponent {
  readonly name = 'control port';
  readonly #options: ControlPortOptions;
  #server: NetServer | undefined;
  /** Where all connections come to an end: the door of a port that speaks TLS, else the server. */
  #connections: Pick<Server, 'closeAllConnections'> | undefined;
  #app: Promise<FastifyInstance> | undefined;

  constructor(options: ControlPortOptions) {
    super();
    this.#options = options;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { host, port } = this.#options;
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return { host: address?.address ?? host, port: address?.port ?? port };
  }

  protected override async onStart(): Promise<void> {
    const { host, port, requestMsMax = REQUEST_MS_MAX } = this.#options;
    const http = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        requestTimeout: requestMsMax,
        headersTimeout: requestMsMax,
        connectionsCheckingInterval: Math.min(requestMsMax, CHECK_MS),
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
    const door = await this.#doorTo(http);
    const server = door?.server ?? http;
    this.#server = server;
    this.#connections = door ?? http;
    server.maxConnections = this.#options.connectionsMax ?? CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(listenError(error, host, port));
      });
      server.listen({ host, port }, resolve);
    });
  }

  protected override async onClose(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#connections?.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    // One that could not be made has been reported with the request that asked for it.
    const app = await this.#app?.catch(() => undefined);
    await app?.close();
  }

  async #doorTo(http: Server): Promise<ControlDoor | undefined> {
    const { tls, helloMsMax } = this.#options;
    const files = tls?.();
    if (files === undefined) return undefined;
    const { ControlDoor } = await import('./control-door.ts');
    return new ControlDoor({ cert: files.cert, key: files.key, http, helloMsMax });
  }

  /** Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#app ??= makeApp(this.#options);
      (await this.#app).routing(request, response);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'control port cannot answer');
      response.writeHead(500).end();
    }
  }
}

async function makeApp(options: ControlPortOptions): Promise<FastifyInstance> {
  const { health, metrics, routes } = options;
  const { fastify } = await import('fastify');
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    frameworkErrors: (_error, _request, reply) => {
      sendStatus(reply, failure('BadRequest', 'the path of the request is malformed'));
    },
  });
  const guard = options.guard();
  // The first hook of all, for every path there is and for those there are not.
  app.addHook('onRequest', (request, reply, done) => {
    // The parser takes the first of two; whoever stands in front may have judged the other.
    if ((request.raw.headersDistinct['host']?.length ?? 0) > 1) {
      sendStatus(reply, failure('BadRequest', 'the request has more than one Host header'));
      return;
    }
    const refusal = guard.refusalOf(request.headers, request.routeOptions.url);
    if (refusal === undefined) done();
    else {
      if (refusal.code === 401) reply.header('www-authenticate', 'Bearer');
      sendStatus(reply, failure(refusal.reason, refusal.message));
    }
  });
  app.setNotFoundHandler((_request, reply) => {
    sendStatus(reply, failure('NotFound', 'the server could not find the requested resource'));
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    done();
  });
  for (const url of ['/healthz', '/livez']) {
    app.get(url, (_request, reply) => {
      const { ok, reasons } = health.live();
      return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'failed', reasons });
    });
  }
  app.get('/readyz', (_request, reply) => {
    const { ok, reasons } = health.ready();
    return reply.code(ok ? 200 : 503).send({ status: ok ? 'ready' : 'not ready', reasons });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics();
    return reply.type(contentType).send(body);
  });
  await routes?.(app);
  await app.ready();
  return app;
}

function sendStatus(reply: FastifyReply, status: Status): void {
  void reply.code(status.code).send(status);
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ServerError {
  const message =
    error.code === 'EADDRINUSE'
      ? `port ${String(port)} is taken: stop what uses it, or choose another with --control-port`
      : `cannot listen on ${host}:${String(port)}: ${error.message}`;
  return new ServerError(message, {
    code: 'AFFLUX_SERVER_LISTEN',
    fault: 'user',
    cause: error,
    details: { host, port },
  });
}
