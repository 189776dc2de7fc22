/**
 * Keys that become due later, in a binary heap by deadline with a single timer for the earliest. A key has at
 * most one deadline, the earliest asked for; an entry of the heap that is no longer the key's deadline is
 * stale and skipped. Deadlines are monotonic: moving the wall clock changes nothing (F04).
 */
import type { Clock, Timer } from '@afflux/kernel';

interface Entry {
  readonly key: string;
  readonly dueMs: number;
}

export class DelayedKeys {
  readonly #clock: Clock;
  readonly #onDue: (key: string) => void;
  readonly #deadlines = new Map<string, number>();
  #heap: Entry[] = [];
  #timer: Timer | undefined;
  #timerDueMs = Infinity;

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Number of keys that wait. */
  get size(): number {
    return this.#deadlines.size;
  }

  add(key: string, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    if (dueMs >= (this.#deadlines.get(key) ?? Infinity)) return;
    this.#deadlines.set(key, dueMs);
    this.#push({ key, dueMs });
    // Stale entries are dropped when they outnumber the others, so that the heap stays in proportion.
    if (this.#heap.length > 2 * this.#deadlines.size + 16) this.#rebuild();
    this.#arm();
  }

  /** Forgets everything; nothing becomes due any more. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDueMs = Infinity;
    this.#heap = [];
    this.#deadlines.clear();
  }

  #arm(): void {
    const dueMs = this.#heap[0]?.dueMs ?? Infinity;
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#clock.setTimer(dueMs - this.#clock.monotonicMs(), () => {
      this.#timerDueMs = Infinity;
      this.#release();
    });
  }

  #release(): void {
    const nowMs = this.#clock.monotonicMs();
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.dueMs > nowMs) break;
      this.#shift();
      if (this.#deadlines.get(first.key) !== first.dueMs) continue;
      this.#deadlines.delete(first.key);
      this.#onDue(first.key);
    }
    this.#arm();
  }

  #rebuild(): void {
    const entries = [...this.#deadlines].map(([key, dueMs]) => ({ key, dueMs }));
    // A sorted array is a heap.
    this.#heap = entries.sort((left, right) => left.dueMs - right.dueMs);
  }

  #push(entry: Entry): void {
    let index = this.#heap.length;
    this.#heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || parent.dueMs <= entry.dueMs) break;
      this.#heap[index] = parent;
      index = parentIndex;
    }
    this.#heap[index] = entry;
  }

  #shift(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index);
      const entry = this.#heap[child];
      if (entry === undefined || entry.dueMs >= last.dueMs) break;
      this.#heap[index] = entry;
      index = child;
    }
    this.#heap[index] = last;
  }

  #smallerChild(index: number): number {
    const left = 2 * index + 1;
    const leftMs = this.#heap[left]?.dueMs ?? Infinity;
    const rightMs = this.#heap[left + 1]?.dueMs ?? Infinity;
    return rightMs < leftMs ? left + 1 : left;
  }
}
