/**
 * The port for people and probes: health, readiness, metrics. Loopback unless the host says otherwise; no
 * debug endpoint of any kind (threat T20).
 */
import type { AddressInfo } from 'node:net';
import { BaseComponent } from '@afflux/kernel';
import type { Health } from '@afflux/observability';
import fastify, { type FastifyInstance } from 'fastify';
import { ServerError } from './errors.ts';

/** Bodies on this port: none is expected. */
const BODY_BYTES_MAX = 1024;
const REQUEST_MS_MAX = 10_000;
const CONNECTIONS_MAX = 256;

export interface ControlPortOptions {
  readonly host: string;
  readonly port: number;
  readonly health: Pick<Health, 'live' | 'ready'>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

export class ControlPort extends BaseComponent {
  readonly name = 'control port';
  readonly #options: ControlPortOptions;
  #app: FastifyInstance | undefined;

  constructor(options: ControlPortOptions) {
    super();
    this.#options = options;
  }

  get address(): { readonly host: string; readonly port: number } {
    const address = this.#app?.server.address() as AddressInfo | null | undefined;
    return {
      host: address?.address ?? this.#options.host,
      port: address?.port ?? this.#options.port,
    };
  }

  protected override async onStart(): Promise<void> {
    const { host, port, health, metrics } = this.#options;
    const app = fastify({
      logger: false,
      bodyLimit: BODY_BYTES_MAX,
      requestTimeout: REQUEST_MS_MAX,
      forceCloseConnections: true,
    });
    this.#app = app;
    app.server.maxConnections = CONNECTIONS_MAX;
    app.addHook('onSend', (_request, reply, _payload, done) => {
      reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
      done();
    });
    app.get('/healthz', (_request, reply) => {
      const { ok, reasons } = health.live();
      return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'failed', reasons });
    });
    app.get('/readyz', (_request, reply) => {
      const { ok, reasons } = health.ready();
      return reply.code(ok ? 200 : 503).send({ status: ok ? 'ready' : 'not ready', reasons });
    });
    app.get('/metrics', async (_request, reply) => {
      const { contentType, body } = await metrics();
      return reply.type(contentType).send(body);
    });
    try {
      await app.listen({ host, port });
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, host, port);
    }
  }

  protected override async onClose(): Promise<void> {
    await this.#app?.close();
  }
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
