/**
 * The product as a process of its own: the real command, or a script that runs the same thing and stops itself at
 * a durability step. What it says on stderr goes to a file, which outlives it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../../packages/cli/bin/afflux.js', import.meta.url));
const STEPPING = fileURLToPath(new URL('child.js', import.meta.url));
const PRELOAD = new URL('preload.js', import.meta.url).href;

/** Where the process stops itself. */
export interface StopAt {
  readonly step: string;
  /** The occurrence of the step at which it does, 1 = the first. */
  readonly occurrence: number;
}

export interface ProductOptions {
  /** Manifests and configuration are read from here, and the log is written here. */
  readonly directory: string;
  readonly port: number;
  readonly controlPort: number;
  readonly dataDir?: string | undefined;
  readonly stopAt?: StopAt | undefined;
  /** Ports of a back-end and the ports that stand between. */
  readonly redirect: Readonly<Record<string, number>>;
  /** How far SIGUSR2 moves the clock of the process, back and forth. */
  readonly clockStepMs: number;
}

/** A start takes well below a second; a back-end that is away may hold it up. */
const READY_MS_MAX = 60_000;

export class Product {
  readonly #child: ChildProcess;
  readonly stopAt: StopAt | undefined;
  readonly exited: Promise<void>;
  readonly ready: Promise<boolean>;
  #hasExited = false;

  constructor(options: ProductOptions) {
    this.stopAt = options.stopAt;
    const log = openSync(`${options.directory}/product.log`, 'a');
    this.#child = spawn(process.execPath, ['--import', PRELOAD, ...argumentsOf(options)], {
      cwd: options.directory,
      stdio: ['ignore', 'pipe', log],
      env: {
        ...process.env,
        NO_COLOR: '1',
        AFFLUX_FAULTS_REDIRECT: JSON.stringify(options.redirect),
        AFFLUX_FAULTS_CLOCK_STEP_MS: String(options.clockStepMs),
      },
    });
    closeSync(log);
    // Nobody else would end it when the harness is told to stop.
    const end = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', end);
    this.exited = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#hasExited = true;
        process.removeListener('exit', end);
        resolve();
      });
    });
    this.ready = this.#whenReady();
  }

  get isRunning(): boolean {
    return !this.#hasExited;
  }

  /** Resident memory; undefined once it is gone. */
  get rssBytes(): number | undefined {
    try {
      const pages = readFileSync(`/proc/${String(this.#child.pid)}/statm`, 'utf8').split(' ')[1];
      return Number(pages) * PAGE_BYTES;
    } catch {
      return undefined;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** False when it ended, or hung, before it was ready. */
  #whenReady(): Promise<boolean> {
    return new Promise((resolve) => {
      let text = '';
      const timer = setTimeout(() => {
        resolve(false);
      }, READY_MS_MAX);
      this.#child.stdout?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (!/^ready {2}/m.test(text)) return;
        clearTimeout(timer);
        resolve(true);
      });
      void this.exited.then(() => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }
}

const PAGE_BYTES = 4096;

function argumentsOf({ port, controlPort, dataDir, stopAt }: ProductOptions): string[] {
  const flags = ['-f', 'manifests.yaml', '--config', 'afflux.yaml', '--no-watch'];
  const ports = ['--port', String(port), '--control-port', String(controlPort)];
  const data = dataDir === undefined ? [] : ['--data-dir', dataDir];
  if (stopAt === undefined) return [COMMAND, 'dev', ...flags, ...ports, ...data];
  return [STEPPING, JSON.stringify({ ...stopAt, port, controlPort, dataDir })];
}
