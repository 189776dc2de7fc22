/** Writes the history of a run, and knows while it runs whether anybody is still owed anything. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { HistoryRecord } from './history.ts';
import { Ledger } from './ledger.ts';
import { nothingLost } from './rules.ts';

/** The harness's one clock: wall time that never goes back. */
export function nowMs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
}

export class Recorder {
  readonly ledger = new Ledger();
  readonly path: string;
  /** Arrivals so far. */
  arrivals = 0;
  /** When an event was last accepted. */
  acceptedAt = 0;
  readonly #file: WriteStream;

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path, { flags: 'a' });
  }

  add(record: HistoryRecord): void {
    this.ledger.take(record);
    if (record.kind === 'arrival') this.arrivals += 1;
    if (record.kind === 'answer' && record.status === 202) this.acceptedAt = record.at;
    this.#file.write(`${JSON.stringify(record)}\n`);
  }

  fault(fault: string, phase: 'begin' | 'end' = 'begin'): void {
    this.add({ kind: 'fault', at: nowMs(), fault, phase });
  }

  up(clockAheadMs = 0): void {
    this.add({ kind: 'up', at: nowMs(), clockAheadMs });
  }

  /** What would be lost if nothing came any more. */
  owed(): readonly string[] {
    const owed: string[] = [];
    nothingLost(this.ledger, (_rule, text) => owed.push(text)).end?.();
    return owed;
  }

  async close(): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }
}
