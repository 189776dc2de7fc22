/**
 * Bounds the memory that all memory channels of a process hold together, and keeps one namespace from taking
 * all of it.
 *
 * The share of a namespace is not a fixed slice: it may hold at most `shareFactor` times what is still free.
 * With the default factor of 3, a namespace alone gets 3/4 of the budget, two busy ones 3/7 each, n of them
 * 3/(1+3n) each, and some of the budget is always free for the next. (The idea is the dynamic threshold of
 * shared-memory switches: no configuration per tenant, nothing idle while somebody needs it.)
 *
 * Each event counts once whatever the number of its subscriptions, with a fixed overhead for the objects
 * around its bytes: without that, a backlog of tiny events would hold many times its bound.
 */
import { strict as assert } from 'node:assert';

/** Default bound on the bytes of all events held in memory: 256 MiB. */
const MEMORY_BUDGET_BYTES = 256 * 1024 * 1024;

/** Default {@link MemoryBudgetOptions.shareFactor}. */
const MEMORY_SHARE_FACTOR = 3;

export interface MemoryBudgetOptions {
  /** Default {@link MEMORY_BUDGET_BYTES}. */
  readonly bytesMax?: number;
  /** A namespace may hold at most this many times what is free. Above 0; default {@link MEMORY_SHARE_FACTOR}. */
  readonly shareFactor?: number;
}

/** One namespace's claim on the budget. Shared by its channels. */
export interface BudgetAccount {
  /** The most that this account could ever hold, were all others empty. */
  readonly bytesMax: number;
  readonly usedBytes: number;
  /** Takes the bytes if the budget and the namespace's share allow. */
  tryTake(bytes: number): boolean;
  /** Gives back bytes that were taken. */
  give(bytes: number): void;
}

export class MemoryBudget {
  readonly bytesMax: number;
  readonly #shareFactor: number;
  readonly #accounts = new Map<string, NamespaceAccount>();
  #usedBytes = 0;

  constructor(options: MemoryBudgetOptions = {}) {
    this.bytesMax = options.bytesMax ?? MEMORY_BUDGET_BYTES;
    this.#shareFactor = options.shareFactor ?? MEMORY_SHARE_FACTOR;
    assert(this.bytesMax > 0, 'bytesMax must be positive');
    assert(this.#shareFactor > 0, 'shareFactor must be positive');
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The account of a namespace. There are as many as namespaces ever had a channel; each is a few words. */
  account(namespace: string): BudgetAccount {
    const existing = this.#accounts.get(namespace);
    if (existing !== undefined) return existing;
    const account = new NamespaceAccount(this);
    this.#accounts.set(namespace, account);
    return account;
  }

  /** @internal What one account may hold when the budget has `usedBytes` in use. */
  shareOf(usedBytes: number): number {
    return this.#shareFactor * (this.bytesMax - usedBytes);
  }

  /** @internal The most an account reaches when it is alone: x = factor * (bytesMax - x). */
  get aloneBytesMax(): number {
    return (this.bytesMax * this.#shareFactor) / (1 + this.#shareFactor);
  }

  /** @internal Accounts report what they take and give. */
  move(bytes: number): void {
    this.#usedBytes += bytes;
  }
}

class NamespaceAccount implements BudgetAccount {
  readonly #budget: MemoryBudget;
  #usedBytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  get bytesMax(): number {
    return this.#budget.aloneBytesMax;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  tryTake(bytes: number): boolean {
    const usedAfter = this.#budget.usedBytes + bytes;
    if (this.#usedBytes + bytes > this.#budget.shareOf(usedAfter)) return false;
    this.#usedBytes += bytes;
    this.#budget.move(bytes);
    return true;
  }

  give(bytes: number): void {
    assert(bytes <= this.#usedBytes, 'more bytes given back than were taken');
    this.#usedBytes -= bytes;
    this.#budget.move(-bytes);
  }
}
