/** Everything a command touches of its process, so that tests can run commands inside theirs. */
import { systemClock, type Clock } from '@afflux/kernel';

export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
  /** Waits until standard output takes more; false when nobody reads it any more. */
  drained(): Promise<boolean>;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on SIGINT and SIGTERM (the reason is the signal's name). */
  readonly interrupted: AbortSignal;
  readonly isTerminal: boolean;
  /** Standard input to its end. */
  readInput(): Promise<Buffer>;
}

/** The real process. Signals are only caught once a command looks at `interrupted`. */
export function processIo(): CommandIo {
  let controller: AbortController | undefined;
  // Whoever read the output may go away (`afflux sink | head -1`): events are still taken and delivered.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    drained: () => drained(process.stdout),
    clock: systemClock,
    env: process.env,
    get interrupted() {
      if (controller === undefined) {
        const made = new AbortController();
        controller = made;
        for (const name of ['SIGINT', 'SIGTERM'] as const) {
          process.on(name, () => {
            // A second signal means: now.
            if (made.signal.aborted) process.exit(1);
            made.abort(name);
          });
        }
      }
      return controller.signal;
    },
    isTerminal: process.stdout.isTTY,
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

/** Whether a stream can be written to, once it has room. */
async function drained(stream: NodeJS.WriteStream): Promise<boolean> {
  if (stream.writable && stream.writableNeedDrain) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'close', 'error']) stream.on(event, done);
    });
  }
  return stream.writable;
}
