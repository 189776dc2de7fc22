/** Small works: one that writes what it is told, and one that only tells when everything before it is durable. */
import type { Batch, Work } from './writer.ts';

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
