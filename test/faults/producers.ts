/**
 * Producers: each has one connection and sends one request at a time, an event or a batch, and waits for its
 * answer. What was not accepted is offered again, with the same ids, until it is or until the producer gives up.
 */
import { Client } from 'undici';
import type { Chance } from './chance.ts';
import { dataOf } from './event-data.ts';
import type { OfferedEvent } from './history.ts';
import { nowMs, type Recorder } from './recorder.ts';
import { EVENT_TYPES } from './subscribers.ts';
import { passed } from './wait.ts';

export interface ProducerOptions {
  readonly name: string;
  readonly origin: string;
  readonly path: string;
  readonly recorder: Recorder;
  readonly chance: Chance;
  /** Events may ask to be delivered later. */
  readonly delays: boolean;
  /** Time between two requests: at most this. */
  readonly pauseMs: number;
}

/** Longer than any answer should take; the outcome is unknown then. */
const ANSWER_MS_MAX = 15_000;
const BATCH_MAX = 8;
const KEYS = 3;

export class Producer {
  readonly #options: ProducerOptions;
  readonly #client: Client;
  #count = 0;
  #running = false;
  #done: Promise<void> = Promise.resolve();

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#client = new Client(options.origin, {
      headersTimeout: ANSWER_MS_MAX,
      bodyTimeout: ANSWER_MS_MAX,
    });
  }

  start(): void {
    this.#running = true;
    this.#done = this.#produce();
  }

  /** Resolves when what it was sending has been accepted or given up. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    await this.#client.destroy();
  }

  async #produce(): Promise<void> {
    const { chance, pauseMs } = this.#options;
    while (this.#running) {
      const batch = chance.oneIn(6) ? chance.between(2, BATCH_MAX) : 1;
      await this.#offer(Array.from({ length: batch }, () => this.#nextEvent()));
      await passed(chance.between(0, pauseMs));
    }
  }

  #nextEvent(): OfferedEvent {
    const { name, chance, delays } = this.#options;
    this.#count += 1;
    const type = EVENT_TYPES[chance.oneIn(3) ? 1 : 0];
    const key = `${name}-${String(chance.between(1, KEYS))}`;
    const notBeforeMs =
      delays && chance.oneIn(20) ? Math.round(nowMs()) + chance.between(100, 1_500) : undefined;
    return {
      id: `${name}-${String(this.#count)}`,
      type,
      key,
      ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
    };
  }

  /** Some give up where nobody knows the outcome, which leaves it open. */
  async #offer(events: readonly OfferedEvent[]): Promise<void> {
    const { recorder, name, chance } = this.#options;
    const ids = events.map(({ id }) => id);
    const givesUp = chance.oneIn(4);
    for (;;) {
      recorder.add({ kind: 'offer', at: nowMs(), producer: name, events });
      const status = await this.#send(events);
      recorder.add({ kind: 'answer', at: nowMs(), ids, status });
      if (status === 202 || (givesUp && status === null) || !this.#running) return;
      await passed(status === 0 ? chance.between(40, 120) : chance.between(10, 40));
    }
  }

  async #send(events: readonly OfferedEvent[]): Promise<number | null> {
    const [first] = events;
    const { headers, body } =
      events.length === 1 && first !== undefined ? binary(first) : batched(events);
    try {
      const answer = await this.#client.request({
        method: 'POST',
        path: this.#options.path,
        headers,
        body,
      });
      await answer.body.dump();
      return answer.statusCode;
    } catch (error) {
      // 0: nobody listened, so nobody can have taken it.
      return (error as { code?: unknown }).code === 'ECONNREFUSED' ? 0 : null;
    }
  }
}

function attributesOf({ id, type, key, notBeforeMs }: OfferedEvent): Record<string, string> {
  return {
    specversion: '1.0',
    id,
    type,
    source: '/faults/producer',
    ...(key === undefined ? {} : { partitionkey: key }),
    ...(notBeforeMs === undefined ? {} : { notbefore: new Date(notBeforeMs).toISOString() }),
  };
}

interface Message {
  readonly headers: Record<string, string>;
  readonly body: string;
}

function binary(event: OfferedEvent): Message {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(attributesOf(event))) headers[`ce-${name}`] = value;
  return { headers, body: dataOf(event.id) };
}

/** The data goes as text, so that it comes out byte for byte. */
function batched(events: readonly OfferedEvent[]): Message {
  const values = events.map((event) => ({
    ...attributesOf(event),
    datacontenttype: 'text/plain',
    data: dataOf(event.id),
  }));
  return {
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(values),
  };
}
