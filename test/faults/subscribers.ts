/**
 * The subscribers of a run: what each asks for and how it behaves. Between them they take every path of a
 * delivery: at once, late, after retries, never, with a reply, in order, and not at all for a long time.
 */
import type { SubscriberRecord } from './history.ts';
import { hashOf } from './chance.ts';

/** Types of the events that producers send, and that of replies. */
export const EVENT_TYPES = ['order', 'noise'] as const;
export const REPLY_TYPE = 'reply';

export interface Answering {
  readonly status: number;
  readonly afterMs?: number;
  /** Answers with an event whose id is made from the cause's. */
  readonly reply?: boolean;
}

export interface Behaviour extends Omit<SubscriberRecord, 'kind'> {
  /** Lines of the delivery settings of its Trigger, without its dead letter sink. */
  readonly delivery: string;
  readonly annotations?: string;
  /** Undefined: does not answer until all who are stuck are let go. */
  answer(id: string, attempt: number): Answering | undefined;
}

const RETRYING = (retry: number): string =>
  `retry: ${String(retry)}\nbackoffPolicy: linear\nbackoffDelay: PT0.03S`;

const TAKEN: Answering = { status: 200 };
const ALL = [...EVENT_TYPES];

/** How often a flaky subscriber fails for an event before it takes it: not at all, once or twice. */
function failures(name: string, id: string): number {
  return hashOf(`${name}/${id}`) % 3;
}

function flaky(name: string): Behaviour['answer'] {
  return (id, attempt) =>
    attempt > failures(name, id) ? TAKEN : { status: attempt % 2 === 1 ? 503 : 429 };
}

/** Retries enough to outlast each failure, and faults that make some attempts fail. */
const MANY = 9;

const USUAL = { order: 'none', deadLetters: 'never', attemptsMax: MANY + 1 } as const;

export function behaviours({ store }: { readonly store: boolean }): readonly Behaviour[] {
  const refusing = (id: string): Answering => ({ status: hashOf(id) % 2 === 0 ? 500 : 400 });
  const all: readonly Behaviour[] = [
    { ...USUAL, name: 'fast', types: ['order'], delivery: RETRYING(MANY), answer: () => TAKEN },
    {
      ...USUAL,
      name: 'slow',
      types: ALL,
      delivery: RETRYING(MANY),
      answer: (id) => ({ status: 202, afterMs: 10 + (hashOf(id) % 60) }),
    },
    { ...USUAL, name: 'flaky', types: ALL, delivery: RETRYING(MANY), answer: flaky('flaky') },
    {
      ...USUAL,
      name: 'ordered',
      types: ['order'],
      order: 'key',
      delivery: RETRYING(MANY),
      annotations: 'afflux.dev/delivery-order: ordered',
      answer: flaky('ordered'),
    },
    {
      ...USUAL,
      name: 'refusing',
      types: ['noise'],
      deadLetters: 'sink',
      attemptsMax: 3,
      delivery: RETRYING(2),
      answer: refusing,
    },
    {
      ...USUAL,
      name: 'given-up',
      types: ['noise'],
      deadLetters: 'store',
      attemptsMax: 2,
      delivery: RETRYING(1),
      answer: refusing,
    },
    {
      ...USUAL,
      name: 'replying',
      types: ['noise'],
      delivery: RETRYING(MANY),
      answer: () => ({ status: 200, reply: true }),
    },
    {
      ...USUAL,
      name: 'replies',
      types: [REPLY_TYPE],
      delivery: RETRYING(MANY),
      answer: () => TAKEN,
    },
    {
      ...USUAL,
      name: 'stuck',
      types: ['noise'],
      stuck: true,
      delivery: RETRYING(MANY),
      annotations: "afflux.dev/max-in-flight: '4'",
      answer: () => undefined,
    },
  ];
  return all.filter(({ deadLetters }) => store || deadLetters !== 'store');
}
