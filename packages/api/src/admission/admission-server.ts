/**
 * The HTTPS listener in front of the admission webhooks. TLS 1.3 unless told otherwise, HTTP/1.1; certificate
 * and key can be replaced while it runs, for connections that come after.
 *
 * Going down takes a while on purpose: an API server and the Service before us learn late that we are leaving,
 * and each call that finds nobody refuses somebody's write. So a drain tells probes at once that we are going,
 * and serves until no request came for a quiet period.
 */
import { BaseComponent, type Clock, type Logger, type Timer } from '@afflux/kernel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AdmissionHandler } from './admission-webhooks.ts';

/** Bounds of the listener. */
export interface AdmissionServerLimits {
  readonly connectionsMax: number;
  /** Until the handshake is done. */
  readonly handshakeMsMax: number;
  readonly headersMsMax: number;
  /** Until the whole request has arrived. */
  readonly requestMsMax: number;
  /** A connection without a request; longer than API servers keep one, so that they end it and not we. */
  readonly keepAliveMs: number;
  /** A drain ends when no request came for so long. Knative's default. */
  readonly quietMs: number;
}

/** The defaults of {@link AdmissionServerLimits}. */
export const ADMISSION_SERVER_LIMITS: AdmissionServerLimits = {
  connectionsMax: 256,
  handshakeMsMax: 10_000,
  headersMsMax: 10_000,
  requestMsMax: 15_000,
  keepAliveMs: 120_000,
  quietMs: 45_000,
};

/** How often Node looks for requests that take too long. */
const CHECK_EVERY_MS = 5_000;
const KUBELET = 'kube-probe/';

/** Certificate chain and private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface AdmissionServerOptions extends KeyPair {
  readonly handler: AdmissionHandler;
  /** 0 takes any that is free; see {@link AdmissionServer.port}. */
  readonly port: number;
  /** Default: all addresses, because an API server calls from elsewhere. */
  readonly host?: string | undefined;
  readonly tlsMinVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<AdmissionServerLimits> | undefined;
}

/** See the head of the file. `start` rejects when the port is taken or the key does not fit the certificate. */
export class AdmissionServer extends BaseComponent {
  readonly name = 'admission-server';
  readonly #options: AdmissionServerOptions;
  readonly #limits: AdmissionServerLimits;
  readonly #logger: Logger;
  #keyPair: KeyPair;
  #server: Server | undefined;
  /** Also those that are still shaking hands, which the server does not know as its own yet. */
  readonly #sockets = new Set<Duplex>();
  #inFlight = 0;
  #quiet: Timer | undefined;
  #onQuiet: (() => void) | undefined;

  constructor(options: AdmissionServerOptions) {
    super();
    this.#options = options;
    this.#limits = { ...ADMISSION_SERVER_LIMITS, ...options.limits };
    this.#logger = options.logger.child({ component: this.name });
    this.#keyPair = { cert: options.cert, key: options.key };
  }

  /** The port it listens on, while it does. */
  get port(): number | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address?.port;
  }

  /**
   * Replaces certificate and key for connections that come after. Throws, and keeps what it has, when the two do
   * not fit together.
   */
  setSecureContext(keyPair: KeyPair): void {
    this.#server?.setSecureContext(this.#secureContext(keyPair));
    this.#keyPair = keyPair;
  }

  protected override async onStart(): Promise<void> {
    const { host = '::', port } = this.#options;
    const limits = this.#limits;
    const server = createServer(
      {
        ...this.#secureContext(this.#keyPair),
        handshakeTimeout: limits.handshakeMsMax,
        headersTimeout: limits.headersMsMax,
        requestTimeout: limits.requestMsMax,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: CHECK_EVERY_MS,
      },
      (request, response) => {
        this.#serve(request, response);
      },
    );
    server.maxConnections = limits.connectionsMax;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', (err) => {
      this.#logger.debug({ err }, 'TLS handshake failed');
    });
    server.on('drop', () => {
      this.#logger.debug({}, 'connection refused, too many are open');
    });
    this.#server = server;
    server.listen({ host, port });
    await once(server, 'listening');
    server.on('error', (err) => {
      this.#logger.error({ err }, 'listener failed');
    });
    this.#logger.info({ host, port: this.port }, 'listening for admission requests');
  }

  protected override async onDrain(): Promise<void> {
    this.#logger.info({ quietMs: this.#limits.quietMs }, 'draining admission requests');
    await new Promise<void>((resolve) => {
      this.#onQuiet = resolve;
      this.#waitForQuiet();
    });
  }

  protected override async onClose(): Promise<void> {
    this.#quiet?.cancel();
    this.#onQuiet?.();
    const server = this.#server;
    if (server?.listening !== true) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #secureContext({ cert, key }: KeyPair) {
    return { cert, key, minVersion: this.#options.tlsMinVersion ?? 'TLSv1.3' } as const;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const isDraining = this.#onQuiet !== undefined;
    if (request.headers['user-agent']?.startsWith(KUBELET) === true) {
      response.writeHead(isDraining ? 503 : 200, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(isDraining ? 'shutting down' : 'ok');
      return;
    }
    // Who asks again opens a new connection, and finds somebody who stays.
    if (isDraining) response.setHeader('connection', 'close');
    this.#inFlight += 1;
    this.#waitForQuiet();
    response.once('close', () => {
      this.#inFlight -= 1;
      this.#waitForQuiet();
    });
    void this.#options.handler(request, response);
  }

  /** Begins the quiet period anew, if a drain waits for one. */
  #waitForQuiet(): void {
    const onQuiet = this.#onQuiet;
    if (onQuiet === undefined) return;
    this.#quiet?.cancel();
    this.#quiet = this.#options.clock.setTimer(this.#limits.quietMs, () => {
      // What is still running begins the period anew when it ends.
      if (this.#inFlight === 0) onQuiet();
    });
  }
}
