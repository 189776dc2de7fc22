/**
 * The connections to one origin.
 *
 * Each connection is an undici client of its own that gets one request at a time; this file decides which.
 * undici's own pool is not used because an attempt that waits there cannot be taken back, because it does
 * not say whether a connection was used before, and because it looks through all connections for a free one.
 * Here free connections are a stack: the one used last is taken first, so that under light load the others
 * become idle and close.
 *
 * Invariants: at most `connectionsPerOriginMax` connections, at most `waitingPerOriginMax` attempts waiting;
 * an attempt waits only while every connection is busy; a connection whose attempt did not end with a
 * complete response is never used again.
 */
import { strict as assert } from 'node:assert';
import { BoundedQueue } from '@afflux/kernel';
import type { AddressGuard } from './address-guard.ts';
import type { Attempt } from './attempt.ts';
import type { SenderConfig } from './config.ts';
import { invalidRequest } from './error-outcome.ts';
import { failed } from './outcome.ts';
import type { RequestWriter } from './request-writer.ts';
import { newClient } from './undici.ts';
import type { Client, ConnectCallback, ConnectOptions, Connector } from './undici.ts';

/** What the pools of a sender share. */
export interface PoolContext {
  readonly config: SenderConfig;
  readonly guard: AddressGuard;
  readonly writer: RequestWriter;
  monotonicMs(): number;
}

/** Given to undici when a client is closed; nobody sees it. */
const CLOSED = new Error('the connection is closed');

export class OriginPool {
  readonly origin: string;
  readonly context: PoolContext;
  readonly connector: Connector;
  /** Monotonic; for the sweep of idle origins. */
  lastUsedMs: number;
  isClosed = false;
  readonly #connections = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: BoundedQueue<Attempt>;

  constructor(origin: string, connector: Connector, context: PoolContext) {
    this.origin = origin;
    this.connector = connector;
    this.context = context;
    this.lastUsedMs = context.monotonicMs();
    this.#waiting = new BoundedQueue(context.config.waitingPerOriginMax);
  }

  get isBusy(): boolean {
    return this.#connections.size > this.#idle.length;
  }

  /** Dispatches on a free connection, or a new one, or waits for one. */
  submit(attempt: Attempt): void {
    assert(!this.isClosed, 'an attempt was given to a closed pool');
    this.lastUsedMs = attempt.startedMs;
    this.#run(attempt, this.#idle.pop() ?? this.#open());
  }

  /** The same, but prefers a new connection: the idle ones may all be as dead as the last one was. */
  submitFresh(attempt: Attempt): void {
    this.#run(attempt, this.#open() ?? this.#idle.pop());
  }

  /** The connection can take the next attempt. */
  onFree(connection: Connection): void {
    const next = this.#nextWaiting();
    if (next === undefined) this.#idle.push(connection);
    else connection.run(next);
  }

  /** The connection is gone. */
  onGone(connection: Connection): void {
    this.#connections.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.isClosed) return;
    const next = this.#nextWaiting();
    if (next !== undefined) this.#run(next, this.#open());
  }

  /** Closes every connection; attempts under way have been ended by their owner. */
  close(): void {
    this.isClosed = true;
    for (const connection of this.#connections) connection.discard();
  }

  #run(attempt: Attempt, connection: Connection | undefined): void {
    if (connection !== undefined) connection.run(attempt);
    else if (!this.#waiting.push(attempt)) {
      attempt.reject(
        failed('connection', 'too many attempts wait for a connection', { retryable: true }),
      );
    }
  }

  #open(): Connection | undefined {
    if (this.#connections.size === this.context.config.connectionsPerOriginMax) return undefined;
    const connection = new Connection(this);
    this.#connections.add(connection);
    return connection;
  }

  /** Skips attempts that ended while they waited. */
  #nextWaiting(): Attempt | undefined {
    for (;;) {
      const attempt = this.#waiting.shift();
      if (attempt?.isDone !== true) return attempt;
    }
  }
}

/** One TCP or TLS connection at a time; reconnects when the target closed it while it was idle. */
export class Connection {
  readonly #pool: OriginPool;
  readonly #client: Client;
  #connecting: { destroy(): unknown } | undefined = undefined;
  #connectedMs = 0;
  #responses = 0;
  #isDiscarded = false;

  constructor(pool: OriginPool) {
    this.#pool = pool;
    const { config } = pool.context;
    this.#client = newClient(pool.origin, {
      connect: (options, callback) => {
        this.#connect(options, callback as ConnectCallback);
      },
      pipelining: 1,
      maxHeaderSize: config.responseHeaderBytesMax,
      keepAliveTimeout: config.keepAliveMs,
      // Attempts keep time themselves.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Whether a response was received over the present socket. */
  get isReused(): boolean {
    return this.#responses > 0;
  }

  run(attempt: Attempt): void {
    attempt.assign(this);
    const { writer } = this.#pool.context;
    let options;
    try {
      options = writer.write(attempt.request, attempt.path);
    } catch (error) {
      attempt.reject(invalidRequest(error));
      return;
    }
    this.#client.dispatch(options, attempt);
    writer.clear();
  }

  /** After a complete response. */
  release(nowMs: number): void {
    if (this.#isDiscarded) return;
    this.#responses += 1;
    const isOld = nowMs - this.#connectedMs > this.#pool.context.config.connectionAgeMsMax;
    if (isOld) this.discard();
    else this.#pool.onFree(this);
  }

  /** Closes the socket, whatever it is doing. */
  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#connecting?.destroy();
    void this.#client.destroy(CLOSED);
    this.#pool.onGone(this);
  }

  #connect(options: ConnectOptions, callback: ConnectCallback): void {
    const { connector, context } = this.#pool;
    this.#connecting = connector(options, (error, socket) => {
      this.#connecting = undefined;
      this.#connectedMs = context.monotonicMs();
      this.#responses = 0;
      const refusal = socket === undefined ? undefined : this.#refusalOf(socket.remoteAddress);
      if (refusal === undefined) {
        callback(error, socket);
      } else {
        socket?.destroy();
        callback(refusal);
      }
    });
  }

  /** The guard's lookup has judged the address already; a socket that got past it must not be used. */
  #refusalOf(address: string | undefined): Error | undefined {
    if (address === undefined) return undefined;
    try {
      this.#pool.context.guard.checkAddress(address);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }
}
