/** Commands that run inside a test. */
import { systemClock, type Clock } from '@afflux/kernel';
import { expect, onTestFinished } from 'vitest';
import type { CommandIo } from '../io.ts';
import { main } from '../main.ts';

export interface FakeIoOptions {
  readonly clock?: Clock;
  /** Standard input. */
  readonly input?: string;
  readonly isTerminal?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whoever read the output has gone away. */
  readonly isReaderGone?: boolean;
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
  env = {},
  isReaderGone = false,
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
    drained: () => Promise.resolve(!isReaderGone),
    clock,
    env,
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
  /** Its exit code, when it ends by itself. */
  readonly ended: Promise<number>;
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
    ended: exit,
    stop: () => {
      io.interrupt();
      return exit;
    },
    printed: async (pattern) => {
      const look = (): RegExpExecArray | null => pattern.exec(io.output) ?? pattern.exec(io.errors);
      await expect.poll(look).not.toBeNull();
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
