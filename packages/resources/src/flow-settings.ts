/**
 * Flow control by annotation: `afflux.dev/…` on Brokers, Triggers, channels and Subscriptions. One
 * table says for each annotation how its text is read; validation and use read it through the same table, so
 * that what admission accepts is what the data plane understands.
 *
 * Layers: the settings of the nearer object win, key by key (a Trigger over its Broker, a Subscription over
 * its channel). A value that admission would have refused, in an object that passed no admission, counts as
 * absent: the data plane never stops for it.
 *
 * Two settings have a second spelling, that of Knative's Kafka and RabbitMQ brokers, so that their manifests
 * mean here what they mean there. On one object ours wins.
 */
import { parseBytes, parseDuration } from '@afflux/kernel';
import * as keys from './annotations.ts';
import { FieldErrors } from './field-errors.ts';
import { nearestName } from './nearest-name.ts';
import { alternatives } from './schema/describe.ts';

/** How the events of one subscription flow. */
export interface FlowSettings {
  /** Deliveries under way at once. */
  readonly maxInFlight: number;
  /** Deliveries per second; absent = as fast as the subscriber answers. */
  readonly ratePerSecond?: number;
  readonly order: 'unordered' | 'ordered';
  /** Whether repeated failures pause the deliveries; `auto` leaves it to the data plane. */
  readonly circuitBreaker: 'auto' | 'on' | 'off';
  readonly overflow: 'backpressure' | 'dead-letter';
  readonly replyPolicy: 'lenient' | 'strict';
  readonly queueEventsMax: number;
  readonly queueBytesMax: number;
  /** Longest wait between two attempts. */
  readonly backoffMsMax: number;
  /** Longest `Retry-After` that is honoured; 0 ignores the header. */
  readonly retryAfterMsMax: number;
  /** Window within which an event that comes again is stored once; absent = every event is stored. */
  readonly deduplicateMs?: number;
  /** Where a subscription that is new begins; absent = with what is published from now on. */
  readonly startAt?: StartAt;
}

/** Beginning of a new subscription, where the channel keeps events. */
export type StartAt = 'latest' | 'earliest' | { readonly timeMs: number };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MIB = 1024 * 1024;

/** What holds where no annotation says otherwise. */
export const FLOW_DEFAULTS: FlowSettings = {
  maxInFlight: 128,
  order: 'unordered',
  circuitBreaker: 'auto',
  overflow: 'backpressure',
  replyPolicy: 'lenient',
  queueEventsMax: 10_000,
  queueBytesMax: 32 * MIB,
  backoffMsMax: 5 * MINUTE_MS,
  retryAfterMsMax: 5 * MINUTE_MS,
};

/** Annotations of an object, as in its metadata. */
export type Annotations = Readonly<Record<string, string>>;

/** A problem with one annotation: Knative's message, and what was expected. */
interface TextProblem {
  readonly message: string;
  readonly details: string;
}

type Read<T> = { readonly value: T } | { readonly problem: TextProblem };

interface AnnotationRule<T> {
  readonly key: string;
  /** Says nothing to a single subscription, so that a Trigger or Subscription must not carry it. */
  readonly isForAll?: true;
  readonly read: (text: string) => Read<T>;
}

function choice<T extends string>(key: string, values: readonly T[]): AnnotationRule<T> {
  return {
    key,
    read: (text) => {
      const value = values.find((candidate) => candidate === text);
      const details = `expected ${alternatives(values)}`;
      return value === undefined
        ? { problem: { message: `invalid value: ${text}`, details } }
        : { value };
    },
  };
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly expected: string;
  /** NaN or a throw means that the text is no such quantity. */
  readonly parse: (text: string) => number;
}

function quantity(key: string, { min, max, expected, parse }: Range): AnnotationRule<number> {
  const read = (text: string): Read<number> => {
    let value = Number.NaN;
    try {
      value = parse(text);
    } catch {
      // Reported below, as any other text that is no such quantity.
    }
    if (Number.isNaN(value)) {
      return { problem: { message: `invalid value: ${text}`, details: `expected ${expected}` } };
    }
    if (value >= min && value <= max) return { value };
    const message = `expected ${String(min)} <= ${String(value)} <= ${String(max)}`;
    return { problem: { message, details: `expected ${expected}` } };
  };
  return { key, read };
}

function integer(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function decimal(text: string): number {
  return /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

function startAt(text: string): Read<StartAt> {
  if (text === 'latest' || text === 'earliest') return { value: text };
  const timeMs = RFC_3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { value: { timeMs } };
  const details = 'expected "latest", "earliest" or a time such as 2026-11-01T10:00:00Z';
  return { problem: { message: `invalid value: ${text}`, details } };
}

const ORDERS = ['unordered', 'ordered'] as const;

/** Second spellings: setting → annotation and how to read it. */
const FOREIGN_RULES = {
  maxInFlight: quantity(keys.RABBITMQ_PARALLELISM, {
    min: 1,
    max: 1_000,
    expected: 'a number of deliveries from 1 to 1000',
    parse: integer,
  }),
  order: { key: keys.KAFKA_DELIVERY_ORDER, read: anyCase(keys.KAFKA_DELIVERY_ORDER) },
} satisfies { readonly [K in keyof FlowSettings]?: AnnotationRule<NonNullable<FlowSettings[K]>> };

function anyCase(key: string): (text: string) => Read<FlowSettings['order']> {
  const { read } = choice(key, ORDERS);
  return (text) => {
    const result = read(text.toLowerCase());
    // The problem shows the text as it was written.
    return 'value' in result ? result : read(text);
  };
}

/** The table: setting → annotation and how to read it. */
const RULES: {
  readonly [K in keyof FlowSettings]-?: AnnotationRule<NonNullable<FlowSettings[K]>>;
} = {
  maxInFlight: quantity(keys.AFFLUX_MAX_IN_FLIGHT, {
    min: 1,
    max: 10_000,
    expected: 'a number of deliveries from 1 to 10000',
    parse: integer,
  }),
  ratePerSecond: quantity(keys.AFFLUX_RATE, {
    min: 0.001,
    max: 1_000_000,
    expected: 'events per second from 0.001 to 1000000',
    parse: decimal,
  }),
  order: choice(keys.AFFLUX_ORDER, ORDERS),
  circuitBreaker: choice(keys.AFFLUX_CIRCUIT_BREAKER, ['auto', 'on', 'off']),
  overflow: choice(keys.AFFLUX_OVERFLOW, ['backpressure', 'dead-letter']),
  replyPolicy: choice(keys.AFFLUX_REPLY_POLICY, ['lenient', 'strict']),
  queueEventsMax: quantity(keys.AFFLUX_QUEUE_EVENTS, {
    min: 1,
    max: 10_000_000,
    expected: 'a number of events from 1 to 10000000',
    parse: integer,
  }),
  queueBytesMax: quantity(keys.AFFLUX_QUEUE_BYTES, {
    min: 64 * 1024,
    max: 64 * 1024 * MIB,
    expected: 'a size from 64KiB to 64GiB, such as 32MiB',
    parse: parseBytes,
  }),
  backoffMsMax: quantity(keys.AFFLUX_BACKOFF_MAX, {
    min: 1,
    max: DAY_MS,
    expected: 'a duration from 1ms to 24h, such as PT5M or 5m',
    parse: parseDuration,
  }),
  retryAfterMsMax: quantity(keys.AFFLUX_RETRY_AFTER_MAX, {
    min: 0,
    max: DAY_MS,
    expected: 'a duration from 0s to 24h, such as PT5M or 5m',
    parse: parseDuration,
  }),
  deduplicateMs: {
    ...quantity(keys.AFFLUX_DEDUPLICATE, {
      min: 1_000,
      max: DAY_MS,
      expected: 'a duration from 1s to 24h, such as PT5M or 5m',
      parse: parseDuration,
    }),
    isForAll: true,
  },
  startAt: { key: keys.AFFLUX_INITIAL_OFFSET, read: startAt },
};

const RULE_LIST: readonly AnnotationRule<unknown>[] = [
  ...Object.values(RULES),
  ...Object.values(FOREIGN_RULES),
];

/** Keys of all flow annotations of ours. */
export const FLOW_ANNOTATIONS: readonly string[] = Object.values(RULES).map(({ key }) => key);

const OUR_PREFIX = 'afflux.dev/';

function readFirst<T>(
  rules: readonly AnnotationRule<T>[],
  layers: readonly (Annotations | undefined)[],
): T | undefined {
  for (const layer of layers) {
    for (const rule of rules) {
      if (layer === undefined || !Object.hasOwn(layer, rule.key)) continue;
      const read = rule.read(layer[rule.key] ?? '');
      if ('value' in read) return read.value;
    }
  }
  return undefined;
}

/**
 * The settings that hold for a subscription, from the annotations of the objects that may say something about
 * it, nearest first: `flowSettings(trigger.metadata.annotations, broker.metadata.annotations)`. Never throws.
 */
export function flowSettings(...layers: readonly (Annotations | undefined)[]): FlowSettings {
  const ratePerSecond = readFirst([RULES.ratePerSecond], layers);
  const deduplicateMs = readFirst([RULES.deduplicateMs], layers);
  const start = readFirst([RULES.startAt], layers);
  const first = <
    K extends Exclude<keyof FlowSettings, 'ratePerSecond' | 'deduplicateMs' | 'startAt'>,
  >(
    name: K,
    ...rules: readonly AnnotationRule<FlowSettings[K]>[]
  ): FlowSettings[K] => readFirst(rules, layers) ?? FLOW_DEFAULTS[name];
  return {
    maxInFlight: first('maxInFlight', RULES.maxInFlight, FOREIGN_RULES.maxInFlight),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    order: first('order', RULES.order, FOREIGN_RULES.order),
    circuitBreaker: first('circuitBreaker', RULES.circuitBreaker),
    overflow: first('overflow', RULES.overflow),
    replyPolicy: first('replyPolicy', RULES.replyPolicy),
    queueEventsMax: first('queueEventsMax', RULES.queueEventsMax),
    queueBytesMax: first('queueBytesMax', RULES.queueBytesMax),
    backoffMsMax: first('backoffMsMax', RULES.backoffMsMax),
    retryAfterMsMax: first('retryAfterMsMax', RULES.retryAfterMsMax),
    ...(deduplicateMs === undefined ? {} : { deduplicateMs }),
    ...(start === undefined ? {} : { startAt: start }),
  };
}

/**
 * Flow annotations of a kind that may carry them; paths begin at the root of the object. `subscription`: the
 * object is one reader (Trigger, Subscription), not what all its readers share.
 */
export function validateFlowAnnotations(
  annotations: Annotations | undefined,
  holder: 'channel' | 'subscription' = 'channel',
): FieldErrors {
  const errors = new FieldErrors();
  for (const { key, read, isForAll } of RULE_LIST) {
    if (annotations === undefined || !Object.hasOwn(annotations, key)) continue;
    if (isForAll === true && holder === 'subscription') {
      const details = 'it belongs on the Broker or channel';
      errors.add('must not set the field(s)', `metadata.annotations[${key}]`, details);
      continue;
    }
    const result = read(annotations[key] ?? '');
    if ('value' in result) continue;
    errors.add(result.problem.message, `metadata.annotations[${key}]`, result.problem.details);
  }
  return errors.merge(misspelled(annotations));
}

/** Flow annotations of a kind that may not carry them: ignoring them in silence would be worse. */
export function refuseFlowAnnotations(annotations: Annotations | undefined): FieldErrors {
  const errors = new FieldErrors();
  for (const { key } of RULE_LIST) {
    if (annotations === undefined || !Object.hasOwn(annotations, key)) continue;
    errors.add(
      'must not set the field(s)',
      `metadata.annotations[${key}]`,
      'flow annotations belong on a Broker, Trigger, Subscription or the channel itself',
    );
  }
  return errors;
}

/** Annotations that are nearly one of ours. Others with our prefix may be those of other packages. */
function misspelled(annotations: Annotations | undefined): FieldErrors {
  const errors = new FieldErrors();
  for (const key of Object.keys(annotations ?? {})) {
    if (!key.startsWith(OUR_PREFIX) || FLOW_ANNOTATIONS.includes(key)) continue;
    const ours = FLOW_ANNOTATIONS.map((known) => known.slice(OUR_PREFIX.length));
    const near = nearestName(key.slice(OUR_PREFIX.length), ours);
    if (near === undefined) continue;
    errors.add(
      `unknown annotation ${JSON.stringify(key)}, did you mean ${JSON.stringify(OUR_PREFIX + near)}?`,
      `metadata.annotations[${key}]`,
    );
  }
  return errors;
}
