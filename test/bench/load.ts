/**
 * The producer. Requests are prepared bytes on raw sockets, so that on a small machine the generator takes as
 * little as possible from what is measured.
 *
 * - `closed`: a number of connections, each sends its next event when the last is answered (throughput).
 * - `open`: events are due at fixed instants, whatever the answers do; an event carries the instant at which
 *   it was due, not the one at which it got out, so a stall counts in full (no coordinated omission).
 * - `flood`: every connection sends at once, then again as soon as it is answered, for a time.
 */
import { connect, type Socket } from 'node:net';
import { serveQuestions } from './child.ts';

export interface LoadRequest {
  readonly url: string;
  readonly connections: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  /** Text body; overrides `bodyBytes`. */
  readonly body?: string;
}
export interface ClosedLoad extends LoadRequest {
  readonly events: number;
}
export interface OpenLoad extends LoadRequest {
  readonly events: number;
  readonly perSecond: number;
}
export interface FloodLoad extends LoadRequest {
  readonly durationMs: number;
}
export interface LoadReport {
  readonly statuses: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
}

class Connection {
  readonly #socket: Socket;
  #answered: ((status: string) => void) | undefined;
  #rest = '';

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('error', () => this.#answered?.('error'));
    this.#socket.on('close', () => this.#answered?.('closed'));
    this.#socket.on('data', (text: string) => {
      this.#rest += text;
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = /content-length: (\d+)/i.exec(this.#rest);
      if (this.#rest.length < end + 4 + Number(length?.[1] ?? 0)) return;
      const status = this.#rest.slice(9, 12);
      this.#rest = '';
      this.#answered?.(status);
    });
  }

  send(bytes: Buffer): Promise<string> {
    return new Promise((resolve) => {
      this.#answered = (status) => {
        this.#answered = undefined;
        resolve(status);
      };
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function requestBytes(load: LoadRequest, extra = ''): Buffer {
  const url = new URL(load.url);
  const body = load.body === undefined ? Buffer.alloc(load.bodyBytes, 'x') : Buffer.from(load.body);
  const lines = Object.entries(load.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join('')}${extra}content-length: ${String(body.length)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

async function closed(load: ClosedLoad): Promise<LoadReport> {
  const url = new URL(load.url);
  const bytes = requestBytes(load);
  const statuses: Record<string, number> = {};
  let left = load.events;
  const started = performance.now();
  const one = async (): Promise<void> => {
    const connection = new Connection(url);
    while (left > 0) {
      left -= 1;
      const status = await connection.send(bytes);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === '429' || status === '503') left += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.connections }, one));
  return { statuses, elapsedMs: performance.now() - started, latenciesMs: [] };
}

async function open(load: OpenLoad): Promise<LoadReport> {
  const url = new URL(load.url);
  const free = Array.from({ length: load.connections }, () => new Connection(url));
  const statuses: Record<string, number> = {};
  const latenciesMs: number[] = [];
  const startedNs = process.hrtime.bigint();
  const stepNs = BigInt(Math.round(1e9 / load.perSecond));
  const pending: Promise<void>[] = [];
  const late: bigint[] = [];
  const send = (connection: Connection, dueNs: bigint): void => {
    const bytes = requestBytes(load, `ce-sentns: ${String(dueNs)}\r\n`);
    pending.push(
      connection.send(bytes).then((status) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
        latenciesMs.push(Number(process.hrtime.bigint() - dueNs) / 1e6);
        const next = late.shift();
        if (next === undefined) free.push(connection);
        else send(connection, next);
      }),
    );
  };
  for (let sent = 0; sent < load.events; sent += 1) {
    const dueNs = startedNs + BigInt(sent) * stepNs;
    while (process.hrtime.bigint() < dueNs) await new Promise((resolve) => setImmediate(resolve));
    const connection = free.pop();
    if (connection === undefined) late.push(dueNs);
    else send(connection, dueNs);
  }
  while (pending.length > 0) await Promise.all(pending.splice(0));
  for (const connection of free) connection.close();
  return { statuses, elapsedMs: Number(process.hrtime.bigint() - startedNs) / 1e6, latenciesMs };
}

async function flood(load: FloodLoad): Promise<LoadReport> {
  const url = new URL(load.url);
  const bytes = requestBytes(load);
  const statuses: Record<string, number> = {};
  const latenciesMs: number[] = [];
  const started = performance.now();
  const one = async (): Promise<void> => {
    const connection = new Connection(url);
    while (performance.now() - started < load.durationMs) {
      const sent = performance.now();
      const status = await connection.send(bytes);
      latenciesMs.push(performance.now() - sent);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 'error' || status === 'closed') break;
      if (status !== '202') await new Promise((resolve) => setTimeout(resolve, 100));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.connections }, one));
  return { statuses, elapsedMs: performance.now() - started, latenciesMs };
}

await serveQuestions(() =>
  Promise.resolve({
    closed: (load) => closed(load as ClosedLoad),
    open: (load) => open(load as OpenLoad),
    flood: (load) => flood(load as FloodLoad),
  }),
);
