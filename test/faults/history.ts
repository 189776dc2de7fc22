/**
 * The history of a run: what producers offered and were told, what subscribers got and answered, which faults
 * struck when. One JSON object per line, in the order in which the harness saw it, by its one clock. The checker
 * reads nothing else, and nothing here comes from the product.
 *
 * - *offer*: a producer sends one request, with one event or a batch; *answer*: what it was told, if anything.
 * - *arrival*: a request reaches a subscriber; *outcome*: what the subscriber answers.
 * - *reply*: the subscriber answers with an event, which the product must take in turn.
 * - *fault*: something is broken (`begin`) or whole again (`end`); *up*: the product works again.
 * - *quiet*: nothing is owed to anybody, or the harness stopped waiting for it.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What the product promises to whoever reads this history. */
export interface RunRecord {
  readonly kind: 'run';
  readonly backend: string;
  readonly seed: string;
  /** An event that reaches one subscriber reaches all, and a batch arrives whole, also without an answer. */
  readonly allOrNone: boolean;
  /** Order holds as long as one process reads alone, and not beyond: who joins ends it. */
  readonly orderAlone?: boolean;
  /** For so long after a fault deliveries may still be repeated because of it. */
  readonly graceMs: number;
  readonly rssBytesMax: number;
  /** Working time within which a subscriber with work must be given some. */
  readonly starvedMs: number;
}

export interface SubscriberRecord {
  readonly kind: 'subscriber';
  readonly name: string;
  /** Types of the events that it asked for. */
  readonly types: readonly string[];
  readonly order: 'none' | 'key' | 'total';
  /** Where events go that it does not take; `never`: it takes all of them in the end. */
  readonly deadLetters: 'never' | 'sink' | 'store';
  /** Attempts that its delivery settings allow for one event. */
  readonly attemptsMax: number;
  /** It answers nothing for long times: nobody expects progress of it. */
  readonly stuck?: boolean;
}

export interface OfferedEvent {
  readonly id: string;
  readonly type: string;
  readonly key?: string;
  /** Wall clock before which it must not be delivered. */
  readonly notBeforeMs?: number;
}

export interface OfferRecord {
  readonly kind: 'offer';
  readonly at: number;
  readonly producer: string;
  readonly events: readonly OfferedEvent[];
}

export interface AnswerRecord {
  readonly kind: 'answer';
  readonly at: number;
  readonly ids: readonly string[];
  /** Null: the connection ended without an answer. 0: nobody listened. */
  readonly status: number | null;
}

export interface ArrivalRecord {
  readonly kind: 'arrival';
  readonly at: number;
  readonly subscriber: string;
  readonly id: string;
  /** Its data and type are those that were offered for this id. */
  readonly intact: boolean;
}

export interface OutcomeRecord {
  readonly kind: 'outcome';
  readonly at: number;
  readonly subscriber: string;
  readonly id: string;
  readonly status: number;
}

export interface ReplyRecord {
  readonly kind: 'reply';
  readonly at: number;
  readonly subscriber: string;
  readonly cause: string;
  readonly event: OfferedEvent;
}

export interface DeadLetterRecord {
  readonly kind: 'deadLetter';
  readonly at: number;
  /** Who gave the event up. */
  readonly subscriber: string;
  readonly id: string;
  readonly where: 'sink' | 'store';
  /** Address that failed and its status: what a person needs to know. Empty: not told. */
  readonly destination: string;
  readonly code: string;
}

export interface FaultRecord {
  readonly kind: 'fault';
  readonly at: number;
  readonly fault: string;
  readonly phase: 'begin' | 'end';
}

export interface UpRecord {
  readonly kind: 'up';
  readonly at: number;
  /** How far the product's clock is ahead of the harness's. */
  readonly clockAheadMs: number;
}

export interface MemoryRecord {
  readonly kind: 'memory';
  readonly at: number;
  readonly rssBytes: number;
}

export interface QuietRecord {
  readonly kind: 'quiet';
  readonly at: number;
}

export type HistoryRecord =
  | RunRecord
  | SubscriberRecord
  | OfferRecord
  | AnswerRecord
  | ArrivalRecord
  | OutcomeRecord
  | ReplyRecord
  | DeadLetterRecord
  | FaultRecord
  | UpRecord
  | MemoryRecord
  | QuietRecord;

/** Reads a history file line by line. A last line without its end (a harness that died) is left out. */
export async function* readHistory(path: string): AsyncGenerator<HistoryRecord> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let number = 0;
  let broken: number | undefined;
  for await (const line of lines) {
    number += 1;
    if (line === '') continue;
    if (broken !== undefined) throw new Error(`${path}:${String(broken)}: not a line of JSON`);
    const record = parsed(line);
    if (record === undefined) broken = number;
    else yield record;
  }
}

function parsed(line: string): HistoryRecord | undefined {
  try {
    return JSON.parse(line) as HistoryRecord;
  } catch {
    return undefined;
  }
}
