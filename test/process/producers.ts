/**
 * Many producers in one process: each has a connection of its own, and once all are connected each posts one
 * event, all at the same time. Raw sockets and prepared bytes, so that thousands of them cost little.
 */
import { connect, type Socket } from 'node:net';
import { serveQuestions } from '../bench/child.ts';

export interface Flood {
  readonly url: string;
  readonly producers: number;
  readonly bodyBytes: number;
}

export interface FloodReport {
  /** Answers by status; `none` where a connection was refused or ended without one. */
  readonly statuses: Readonly<Record<string, number>>;
  /** From the moment at which all began to post to each answer, in order of size. */
  readonly latenciesMs: readonly number[];
  /** Refusals that did not say when to come back. */
  readonly withoutRetryAfter: number;
}

interface Answer {
  readonly status: string;
  readonly hasRetryAfter: boolean;
  readonly atMs: number;
}

function messageBytes({ url, bodyBytes }: Flood, id: number): Buffer {
  const { host, pathname } = new URL(url);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'ce-specversion: 1.0',
    'ce-type: test.flood',
    'ce-source: /producers',
    `ce-id: ${String(id)}`,
    'content-type: text/plain',
    `content-length: ${String(bodyBytes)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${'x'.repeat(bodyBytes)}`);
}

class Producer {
  readonly #socket: Socket;
  readonly connected: Promise<void>;
  readonly answer: Promise<Answer>;

  constructor(url: URL) {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket = socket;
    this.connected = new Promise((resolve) => {
      for (const event of ['connect', 'close'] as const) {
        socket.once(event, () => {
          resolve();
        });
      }
    });
    this.answer = new Promise((resolve) => {
      let text = '';
      const settle = (): void => {
        resolve({
          status: /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'none',
          hasRetryAfter: /^retry-after: \d+/im.test(text),
          atMs: performance.now(),
        });
      };
      socket.setEncoding('latin1').on('data', (part: string) => {
        text += part;
        if (text.includes('\r\n\r\n')) settle();
      });
      socket.on('error', () => undefined).on('close', settle);
    });
  }

  post(message: Buffer): void {
    this.#socket.write(message);
  }

  end(): void {
    this.#socket.destroy();
  }
}

async function flood(request: Flood): Promise<FloodReport> {
  const url = new URL(request.url);
  const producers = Array.from({ length: request.producers }, () => new Producer(url));
  await Promise.all(producers.map(({ connected }) => connected));
  const messages = producers.map((_, id) => messageBytes(request, id));
  const startedMs = performance.now();
  for (const [id, message] of messages.entries()) producers[id]?.post(message);
  const answers = await Promise.all(producers.map(({ answer }) => answer));
  for (const producer of producers) producer.end();
  return reportOf(answers, startedMs);
}

function reportOf(answers: readonly Answer[], startedMs: number): FloodReport {
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    statuses,
    latenciesMs: answers.map(({ atMs }) => atMs - startedMs).sort((a, b) => a - b),
    withoutRetryAfter: answers.filter(
      ({ status, hasRetryAfter }) => status === '429' && !hasRetryAfter,
    ).length,
  };
}

await serveQuestions(() => Promise.resolve({ flood: (request) => flood(request as Flood) }));
