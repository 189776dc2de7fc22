/** For tests of this package: commands that run inside the test, and an address that records what they send. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '@afflux/kernel';
import { expect, onTestFinished } from 'vitest';
import type { CommandIo } from './io.ts';
import { main } from './main.ts';

export interface FakeIoOptions {
  readonly clock?: Clock;
  /** Standard input. */
  readonly input?: string;
  readonly isTerminal?: boolean;
}

/** A process made of strings. */
export interface FakeIo extends CommandIo {
  /** Everything printed so far. */
  readonly output: string;
  readonly errors: string;
  /** What a signal does. */
  interrupt(): void;
}

export function fakeIo({
  clock = systemClock,
  input = '',
  isTerminal = false,
}: FakeIoOptions = {}): FakeIo {
  const controller = new AbortController();
  let output = '';
  let errors = '';
  return {
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
    out: (text) => {
      output += text;
    },
    err: (text) => {
      errors += text;
    },
    clock,
    env: {},
    interrupted: controller.signal,
    isTerminal,
    readInput: () => Promise.resolve(Buffer.from(input)),
    interrupt: () => {
      controller.abort('SIGTERM');
    },
  };
}

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end. */
export async function run(args: readonly string[], options?: FakeIoOptions): Promise<Result> {
  const io = fakeIo(options);
  const code = await main(args, io);
  return { code, out: io.output, err: io.errors };
}

/** A command that runs until it is interrupted; at the latest when the test ends. */
export interface Running {
  readonly io: FakeIo;
  /** Interrupts it and resolves with its exit code. */
  stop(): Promise<number>;
  /** Resolves with the groups of the first match once it has been printed on either stream. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

export function start(args: readonly string[], options?: FakeIoOptions): Running {
  const io = fakeIo(options);
  const exit = main(args, io);
  const running: Running = {
    io,
    stop: () => {
      io.interrupt();
      return exit;
    },
    printed: async (pattern) => {
      const look = (): RegExpExecArray | null => pattern.exec(io.output) ?? pattern.exec(io.errors);
      await expect.poll(look, { timeout: 10_000, interval: 10 }).not.toBeNull();
      const found = look();
      if (found === null) throw new Error(`not printed: ${String(pattern)}`);
      return found;
    },
  };
  onTestFinished(async () => {
    await running.stop();
  });
  return running;
}

export interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly requests: readonly Request[];
}

/** Records requests; answers with the status that the request's number (from 1) asks for. */
export async function startReceiver(
  statusOf: (count: number) => number = () => 202,
): Promise<Receiver> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const status = statusOf(requests.length);
      response.writeHead(status).end(status < 300 ? '' : 'refused, says the receiver');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    requests,
  };
}
