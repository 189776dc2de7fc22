/**
 * Processes of a measurement and how the runner talks to them. Each of them (load generator, sink, relay,
 * broker) is forked, says `ready` once, and answers questions over the IPC channel; CPU time is always the
 * process's own account of itself (user + system).
 */
import { fork, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector';
import { promisify } from 'node:util';

export interface Usage {
  /** User and system time of the process so far, in microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

interface Answer {
  readonly id: number;
  readonly value: unknown;
}

/** A forked process that answers questions. */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #next = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (message: Answer) => {
      this.#waiting.get(message.id)?.(message.value);
      this.#waiting.delete(message.id);
    });
  }

  static async start(
    module: string,
    args: readonly string[],
    execArgv: string[] = [],
  ): Promise<Child> {
    const path = new URL(module, import.meta.url);
    const child = new Child(
      fork(path, [...args], { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    await child.ask('ready');
    return child;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  ask(question: string, argument?: unknown): Promise<unknown> {
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.#process.once('exit', () => {
        reject(new Error(`the process ended before it answered ${question}`));
      });
      this.#process.setMaxListeners(0);
      this.#process.send({ id, question, argument });
    });
  }

  async usage(): Promise<Usage> {
    return (await this.ask('usage')) as Usage;
  }

  async stop(): Promise<void> {
    // One that has ended by itself will not say so again.
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = new Promise<void>((resolve) =>
      this.#process.once('exit', () => {
        resolve();
      }),
    );
    this.#process.kill('SIGKILL');
    await exited;
  }
}

/** The other side: answers questions until the parent goes away. `ready` is answered when `start` resolves. */
export async function serveQuestions(
  start: () => Promise<Record<string, (argument: unknown) => unknown>>,
): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const handlers = start().then((own) => ({ ...own, ...profiling() }));
  process.on('message', (message: { id: number; question: string; argument: unknown }) => {
    void (async () => {
      const known = await handlers;
      const value =
        message.question === 'ready'
          ? true
          : message.question === 'usage'
            ? usageNow()
            : await known[message.question]?.(message.argument);
      process.send?.({ id: message.id, value });
    })();
  });
  await handlers;
}

/** A CPU profile of this process, in the format that developer tools open. */
function profiling(): Record<string, (argument: unknown) => unknown> {
  const session = new Session();
  const post = promisify(session.post.bind(session)) as (method: string) => Promise<unknown>;
  return {
    startProfile: async () => {
      session.connect();
      await post('Profiler.enable');
      await post('Profiler.start');
    },
    stopProfile: async (file) => {
      const { profile } = (await post('Profiler.stop')) as { profile: unknown };
      await writeFile(String(file), JSON.stringify(profile));
    },
  };
}

function usageNow(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() };
}
