/** Small works: one that writes what it is told, and one that only tells when everything before it is durable. */
import type { Batch, Work, Writer } from '@afflux/data-directory';

export class Fence implements Work {
  readonly bytes = 0;
  readonly isKept = true;
  readonly #passed: () => void;
  readonly #failed: (() => void) | undefined;

  /** `failed`: what was before it could not be written now. It may be passed all the same, later. */
  constructor(passed: () => void, failed?: () => void) {
    this.#passed = passed;
    this.#failed = failed;
  }

  write(): void {
    // It is only a place in the order of works.
  }

  committed(): void {
    this.#passed();
  }

  failed(): void {
    this.#failed?.();
  }
}

export interface NoteOptions {
  /** Called again when it has to be tried again. */
  readonly write: (batch: Batch) => void;
  readonly committed?: () => void;
  /** Undoes what `write` changed in memory. */
  readonly failed?: () => void;
}

/** Is written sooner or later. */
export class Note implements Work {
  readonly bytes = 0;
  readonly isKept = true;
  readonly #options: NoteOptions;

  constructor(options: NoteOptions) {
    this.#options = options;
  }

  write(batch: Batch): void {
    this.#options.write(batch);
  }

  committed(): void {
    this.#options.committed?.();
  }

  failed(): void {
    this.#options.failed?.();
  }
}

/** One transaction of its own; resolves with what the step said when it is durable. */
export function written<T>(writer: Writer, step: (batch: Batch) => T): Promise<T> {
  return new Promise((resolve) => {
    let result: T;
    const write = (batch: Batch): void => {
      result = step(batch);
    };
    const committed = (): void => {
      resolve(result);
    };
    writer.submit(new Note({ write, committed }));
  });
}
