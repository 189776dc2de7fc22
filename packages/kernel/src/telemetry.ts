/**
 * What the product says about itself, as interfaces. The real ones are in `observability`; `./testing` has
 * recording ones; the `noop…` ones below are for embedding without telemetry.
 *
 * Hot paths resolve a labelled child once (`counter.labels(…)`) and keep it; children never throw.
 */

/** Variable parts of a log line. Keys are the same everywhere for the same thing; values are never event data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logger. The message is a constant lower-case phrase; everything variable is a field. */
export interface Logger {
  error(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger;
}

export interface InstrumentOptions {
  /** Prometheus name: snake case, unit last, counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface HistogramOptions extends InstrumentOptions {
  /** Upper bounds, rising. Default {@link DISPATCH_SECONDS_BOUNDS}. */
  readonly bounds?: readonly number[];
}

export interface BoundCounter {
  add(amount?: number): void;
}

export interface BoundHistogram {
  record(value: number): void;
}

export interface BoundGauge {
  set(value: number): void;
  add(amount: number): void;
  /** Removes this child from the output, for things that no longer exist. */
  remove(): void;
}

export interface Counter {
  /** Values in the order of the declared labels. The same values always give the same child. */
  labels(...values: readonly string[]): BoundCounter;
}

export interface Histogram {
  labels(...values: readonly string[]): BoundHistogram;
}

export interface Gauge {
  labels(...values: readonly string[]): BoundGauge;
}

/** One reading of an observed gauge. */
export interface Observation {
  readonly value: number;
  readonly labels: readonly string[];
}

export interface Meter {
  /** Asking twice for the same name gives the same instrument; with other labels it is a programmer error. */
  counter(options: InstrumentOptions): Counter;
  histogram(options: HistogramOptions): Histogram;
  gauge(options: InstrumentOptions): Gauge;
  /** A gauge that is read when somebody asks; returns a function that removes this reader. */
  observe(options: InstrumentOptions, read: () => Iterable<Observation>): () => void;
}

/** Bounds of Knative's dispatch and process histograms, in seconds (eventing `pkg/…` metrics views). */
export const DISPATCH_SECONDS_BOUNDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** W3C trace context as it travels. `traceparent` is well-formed; `tracestate` and `baggage` are capped. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

export interface Span {
  /** What to send to the next hop. */
  readonly context: TraceContext | undefined;
  setAttribute(name: string, value: string | number | boolean): void;
  end(error?: unknown): void;
}

export interface Tracer {
  /** False when nothing records spans: callers then skip the span and pass the context on as it came. */
  readonly enabled: boolean;
  startSpan(
    name: string,
    options: {
      readonly kind: 'server' | 'client' | 'internal';
      readonly parent?: TraceContext | undefined;
      readonly attributes?: Readonly<Record<string, string | number | boolean>>;
    },
  ): Span;
}

export const noopLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => noopLogger,
};

const noopChild = {
  add: () => undefined,
  record: () => undefined,
  set: () => undefined,
  remove: () => undefined,
};
const noopInstrument = { labels: () => noopChild };

export const noopMeter: Meter = {
  counter: () => noopInstrument,
  histogram: () => noopInstrument,
  gauge: () => noopInstrument,
  observe: () => () => undefined,
};

const noopSpan: Span = {
  context: undefined,
  setAttribute: () => undefined,
  end: () => undefined,
};

export const noopTracer: Tracer = { enabled: false, startSpan: () => noopSpan };
