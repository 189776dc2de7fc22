/**
 * One connection that comes back: tries the addresses in turn, for ever, with a capped wait after each round,
 * and says what keeps it away. Whoever uses it asks for the current model and is told of each change; nothing
 * here knows of channels or queues.
 *
 * Two of these serve a channel: an alarm of the server blocks connections that publish, and must not stop the
 * acknowledgements of those that consume.
 */
import { backoffMs, type Clock, type Logger, type Random, withJitter } from '@afflux/kernel';
import { type ChannelModel, connect, credentials, type Options, type SocketOptions } from 'amqplib';
import { CLOSE_WAIT_MS, within } from './waiting.ts';
import { type Endpoint, placeOf } from './endpoint.ts';
import { connectFailure, type Failure } from './failures.ts';

/** A dead peer is found out after two of these. */
const HEARTBEAT_SECONDS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const RETRY = { policy: 'exponential', delayMs: 100, delayMsMax: 15_000 } as const;
/** Somebody must act: asking more often only fills the server's log. */
const REFUSED_RETRY_MS = 10_000;

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  readonly purpose: 'publish' | 'consume';
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class AmqpConnection {
  readonly purpose: 'publish' | 'consume';
  readonly #options: ConnectionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #life = new AbortController();
  readonly #running: Promise<void>;
  #model: ChannelModel | undefined;
  #failure: Failure | undefined;
  #blockedReason: string | undefined;
  #attempts = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.purpose = options.purpose;
    this.#running = this.#run();
  }

  /** The connection as it is now; undefined while it is away. */
  get model(): ChannelModel | undefined {
    return this.#model;
  }

  /** Why it is away: absent while connected and before the first attempt has ended. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** What the server says while it takes no publishes; undefined while it does. */
  get blockedReason(): string | undefined {
    return this.#blockedReason;
  }

  get isClosed(): boolean {
    return this.#life.signal.aborted;
  }

  /** Calls back at each change of what the getters say. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with true when connected, with false when the signal aborts or the connection is closed. */
  async connected(signal?: AbortSignal): Promise<boolean> {
    await this.#until(() => this.#model !== undefined, signal);
    return this.#model !== undefined;
  }

  /** Resolves when connected or when every address has been tried once. */
  async attempted(signal?: AbortSignal): Promise<void> {
    const { length } = this.#options.endpoint.urls;
    await this.#until(() => this.#model !== undefined || this.#attempts >= length, signal);
  }

  async close(): Promise<void> {
    if (!this.#life.signal.aborted) this.#life.abort();
    this.#announce();
    const { clock } = this.#options;
    const model = this.#model;
    if (model !== undefined) await within(clock, CLOSE_WAIT_MS, model.close());
    // A server that does not answer would keep the socket until its heartbeats are missed.
    if (this.#model !== undefined) socketOf(this.#model)?.destroy();
    await within(clock, CLOSE_WAIT_MS, this.#running);
  }

  #until(isMet: () => boolean, signal?: AbortSignal): Promise<void> {
    const isOver = (): boolean => isMet() || this.#life.signal.aborted || signal?.aborted === true;
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isOver()) return;
        this.#listeners.delete(check);
        signal?.removeEventListener('abort', check);
        resolve();
      };
      this.#listeners.add(check);
      signal?.addEventListener('abort', check, { once: true });
    });
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #run(): Promise<void> {
    const { urls } = this.#options.endpoint;
    let round = 0;
    while (!this.#life.signal.aborted) {
      const url = urls[this.#attempts % urls.length] ?? '';
      if (await this.#live(url)) round = 0;
      this.#attempts += 1;
      this.#announce();
      if (this.#attempts % urls.length === 0) round += 1;
      await this.#pause(round);
    }
  }

  /** Connects and stays until the connection is lost. Returns whether it was there at all. */
  async #live(url: string): Promise<boolean> {
    const { endpoint, logger, purpose } = this.#options;
    let model: ChannelModel;
    try {
      model = await connect(connectOptions(url, endpoint), socketOptions(endpoint));
    } catch (error) {
      this.#fail(connectFailure(error, placeOf(url), endpoint.vhost));
      return false;
    }
    const lost = this.#watch(model, url);
    if (this.#life.signal.aborted) {
      await model.close().catch(() => undefined);
      return true;
    }
    this.#failure = undefined;
    this.#model = model;
    logger.info({ place: placeOf(url), purpose }, 'connected to rabbitmq');
    this.#announce();
    const reason = await lost;
    this.#model = undefined;
    this.#blockedReason = undefined;
    if (!this.isClosed) {
      this.#fail({
        kind: 'away',
        text: `the connection with RabbitMQ at ${placeOf(url)} was lost`,
      });
      logger.warn({ place: placeOf(url), purpose, reason }, 'connection with rabbitmq lost');
    }
    return true;
  }

  #watch(model: ChannelModel, url: string): Promise<string> {
    const place = placeOf(url);
    return new Promise((resolve) => {
      let reason = 'closed';
      // The library emits `error` before `close`; without a listener that would end the process.
      model.on('error', (error) => (reason = connectFailure(error, place, '').text));
      model.on('handler-error', (error) => {
        this.#options.logger.error({ err: error }, 'a listener of the rabbitmq connection failed');
      });
      model.on('blocked', (why) => {
        this.#blockedReason = why;
        this.#options.logger.warn({ place, reason: why }, 'rabbitmq blocks publishers');
        this.#announce();
      });
      model.on('unblocked', () => {
        this.#blockedReason = undefined;
        this.#options.logger.info({ place }, 'rabbitmq no longer blocks publishers');
        this.#announce();
      });
      model.on('close', () => {
        resolve(reason);
      });
    });
  }

  #fail(failure: Failure): void {
    const isNews = this.#failure?.text !== failure.text;
    this.#failure = failure;
    if (!isNews || this.#life.signal.aborted) return;
    const { logger, purpose } = this.#options;
    const fields = { purpose, reason: failure.text };
    if (failure.kind === 'refused') logger.error(fields, 'rabbitmq refuses the connection');
    else logger.warn(fields, 'rabbitmq is away');
  }

  async #pause(round: number): Promise<void> {
    const { clock, random } = this.#options;
    const isRefused = this.#failure?.kind === 'refused';
    const waitMs = isRefused ? REFUSED_RETRY_MS : round === 0 ? 0 : backoffMs(round, RETRY);
    await clock.sleep(withJitter(waitMs, random), this.#life.signal).catch(() => undefined);
  }
}

/** The library does not show it in its types. */
function socketOf(model: ChannelModel): { destroy(): void } | undefined {
  return (model.connection as unknown as { readonly stream?: { destroy(): void } }).stream;
}

function connectOptions(url: string, endpoint: Endpoint): Options.Connect {
  const { protocol, hostname, port } = new URL(url);
  return {
    protocol: protocol.slice(0, -1),
    // The brackets of an IPv6 address belong to the URL, not to the address.
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    vhost: encodeURIComponent(endpoint.vhost),
    heartbeat: HEARTBEAT_SECONDS,
  };
}

function socketOptions({ username, password, tls }: Endpoint): SocketOptions {
  const isByCertificate = username === undefined && tls?.cert !== undefined;
  return {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    keepAlive: true,
    credentials: isByCertificate
      ? credentials.external()
      : credentials.plain(username ?? 'guest', password ?? 'guest'),
    clientProperties: { connection_name: 'afflux' },
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
  };
}
