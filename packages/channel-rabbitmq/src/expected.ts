/**
 * Events that were written to the queue of a subscription and have not come yet: what a description knows of the
 * backlog beyond what this process holds. Bounded; beyond the bound the server's own count takes over.
 */
import type { Held } from './held.ts';

const EXPECTED_MAX = 10_000;

interface Entry {
  readonly bytes: number;
  readonly acceptedMs: number;
}

export class Expected {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldestMs(): number | undefined {
    let oldest: number | undefined;
    for (const { acceptedMs } of this.#entries.values()) {
      oldest = oldest === undefined ? acceptedMs : Math.min(oldest, acceptedMs);
    }
    return oldest;
  }

  add(key: string, bytes: number, acceptedMs: number): void {
    if (key === '' || this.#entries.size >= EXPECTED_MAX || this.#entries.has(key)) return;
    this.#entries.set(key, { bytes, acceptedMs });
    this.#bytes += bytes;
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }

  deleteBefore(acceptedMs: number): void {
    for (const [key, entry] of [...this.#entries]) {
      if (entry.acceptedMs < acceptedMs) this.delete(key);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}

/** Bytes and age of what is held here or will come. */
export function figures(
  held: readonly Held[],
  expected: Expected,
  nowMs: number,
): { readonly bytes: number; readonly oldestMs: number } {
  let oldest = expected.oldestMs ?? nowMs;
  let { bytes } = expected;
  for (const { event, envelope, isCopied } of held) {
    if (isCopied) continue;
    bytes += event.sizeBytes;
    oldest = Math.min(oldest, envelope.acceptedMs);
  }
  return { bytes, oldestMs: Math.max(0, nowMs - oldest) };
}
