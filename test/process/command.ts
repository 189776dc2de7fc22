/** The real command, as built, in processes of its own. `npm test` builds it first. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const AFFLUX = join(ROOT, 'packages/cli/bin/afflux.js');

/** Machines that run tests are often busy with others, and each of these tests starts several processes. */
const DEADLINE_MS = 30_000;
vi.setConfig({ testTimeout: 3 * DEADLINE_MS, hookTimeout: 3 * DEADLINE_MS });

/** For `expect.poll`: what is sure to happen. */
export const SOON = { timeout: DEADLINE_MS, interval: 50 } as const;

export interface Exit {
  /** Null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Registers what has to happen at the end: `onTestFinished`, or `afterAll` for what several tests share. */
export type AtEnd = (cleanUp: () => Promise<void>) => void;

export interface StartOptions {
  readonly cwd?: string;
  /** Standard input; it is empty by default. */
  readonly input?: string;
  readonly atEnd?: AtEnd;
}

/** A process of which everything printed is kept. */
export class CommandProcess {
  readonly #child: ChildProcess;
  #output = '';
  #errors = '';
  readonly exited: Promise<Exit>;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get errors(): string {
    return this.#errors;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Closes the other end of its standard output, as `head` does. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  /** Kills it if it still runs, and waits until it is gone. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** Resolves with the first match on either stream; fails the test when it does not come. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const look = (): RegExpExecArray | null =>
      pattern.exec(this.#output) ?? pattern.exec(this.#errors);
    // What there is instead of a match is the most useful thing a failure can show.
    await expect
      .poll(() => (look() === null ? `${this.#output}${this.#errors}` : 'printed'), {
        message: `waiting for ${String(pattern)}`,
        timeout: DEADLINE_MS,
        interval: 20,
      })
      .toBe('printed');
    const found = look();
    if (found === null) throw new Error('what was printed is never taken back');
    return found;
  }
}

/** Starts any program. */
export function startProgram(
  program: string,
  args: readonly string[],
  { cwd = ROOT, input, atEnd = onTestFinished }: StartOptions = {},
): CommandProcess {
  const child = spawn(program, [...args], {
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  child.stdin?.end(input);
  const running = new CommandProcess(child);
  atEnd(() => running.end());
  return running;
}

/** Starts `afflux` with these arguments. */
export function startCommand(args: readonly string[], options?: StartOptions): CommandProcess {
  return startProgram(process.execPath, [AFFLUX, ...args], options);
}

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `afflux` to its end. */
export function runCommand(args: readonly string[], options?: StartOptions): Promise<Result> {
  return ended(startCommand(args, options));
}

/** Runs lines of a shell as a person would paste them. */
export function runShell(lines: string, options?: StartOptions): Promise<Result> {
  return ended(startProgram('bash', ['-c', lines], options));
}

async function ended(running: CommandProcess): Promise<Result> {
  const { code } = await running.exited;
  return { code, out: running.output, err: running.errors };
}

export interface Dev {
  readonly process: CommandProcess;
  readonly eventsUrl: string;
  readonly controlUrl: string;
}

/** Starts `afflux dev` on free ports and waits until it is ready. */
export async function startDev(args: readonly string[], options?: StartOptions): Promise<Dev> {
  return untilReady(startCommand(['dev', '--port', '0', '--control-port', '0', ...args], options));
}

export async function untilReady(process: CommandProcess): Promise<Dev> {
  const [, eventsUrl = '', controlUrl = ''] = await process.printed(
    /^ready {2}events (\S+) {2}control (\S+)$/m,
  );
  return { process, eventsUrl, controlUrl };
}

/** Starts `afflux sink` on a port, a free one by default, and waits until it listens. */
export async function startSink(
  args: readonly string[] = [],
  port = 0,
): Promise<{ readonly process: CommandProcess; readonly url: string; readonly port: number }> {
  const process = startCommand(['sink', '--port', String(port), ...args]);
  const [, url = '', listening = ''] = await process.printed(/listening on (\S+:(\d+))/);
  return { process, url, port: Number(listening) };
}

/** A temporary directory with these files, by path. */
export async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await put(directory, name, text);
  return directory;
}

/** Writes a file whole, as many editors do, so that nobody reads half of it; and the directories that lead to it. */
export async function put(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name);
  const written = join(dirname(path), `.${basename(path)}.tmp`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(written, text);
  await rename(written, path);
}

/** A port that somebody listens on until the test ends. */
export async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
