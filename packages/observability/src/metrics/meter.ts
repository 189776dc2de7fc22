/**
 * The kernel's meter: declares instruments, and renders them with prom-client, which is loaded when somebody
 * asks for the first time (it costs start-up time that most short runs never use).
 */
import { strict as assert } from 'node:assert';
import { DISPATCH_SECONDS_BOUNDS } from '@afflux/kernel';
import type {
  Counter,
  Gauge,
  Histogram,
  HistogramOptions,
  InstrumentOptions,
  Logger,
  Meter,
  Observation,
} from '@afflux/kernel';
import {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  ObservedInstrument,
} from './instruments.ts';
import type { Declaration, Instrument } from './instruments.ts';

/** Prometheus' data model: names of metrics and of labels. `le` belongs to histograms. */
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__|le$)[a-zA-Z_][a-zA-Z0-9_]*$/;

export interface MetricsMeterOptions {
  readonly childrenMax: number;
  readonly logger: Logger;
}

export class MetricsMeter implements Meter {
  readonly #options: MetricsMeterOptions;
  readonly #instruments = new Map<string, Instrument>();
  readonly #warned = new Set<string>();
  readonly #overflows: CounterInstrument;

  constructor(options: MetricsMeterOptions) {
    this.#options = options;
    const overflow = declaration('counter', {
      name: 'afflux_metric_overflow_total',
      help: 'Label combinations answered with "other", because their metric has too many.',
      labels: ['metric'],
    });
    // Its children are as many as there are metrics, and it cannot report an overflow of its own.
    this.#overflows = new CounterInstrument({
      declaration: overflow,
      childrenMax: Number.POSITIVE_INFINITY,
      onOverflow: () => undefined,
    });
    this.#instruments.set(overflow.name, this.#overflows);
  }

  counter(options: InstrumentOptions): Counter {
    return this.#declare(
      CounterInstrument,
      declaration('counter', options),
      (known) => new CounterInstrument(known),
    );
  }

  histogram(options: HistogramOptions): Histogram {
    return this.#declare(
      HistogramInstrument,
      declaration('histogram', options),
      (known) => new HistogramInstrument(known),
    );
  }

  gauge(options: InstrumentOptions): Gauge {
    return this.#declare(
      GaugeInstrument,
      declaration('gauge', options),
      (known) => new GaugeInstrument(known),
    );
  }

  observe(options: InstrumentOptions, read: () => Iterable<Observation>): () => void {
    const observed = this.#declare(
      ObservedInstrument,
      { ...declaration('gauge', options), isObserved: true },
      (known) => new ObservedInstrument({ ...known, onError: this.#onReadError(options.name) }),
    );
    return observed.addReader(read);
  }

  /** Everything declared so far, in order of declaration. */
  instruments(): readonly Instrument[] {
    return [...this.#instruments.values()];
  }

  #declare<Kind extends Instrument>(
    kind: abstract new (...args: never[]) => Kind,
    declared: Declaration,
    make: (options: {
      declaration: Declaration;
      childrenMax: number;
      onOverflow: () => void;
    }) => Kind,
  ): Kind {
    const known = this.#instruments.get(declared.name);
    if (known !== undefined) {
      const { help: _, ...before } = known.declaration;
      const { help: __, ...now } = declared;
      assert.deepEqual(now, before, `${declared.name} is already declared otherwise`);
      assert(known instanceof kind);
      return known;
    }
    const { childrenMax } = this.#options;
    const onOverflow = this.#onOverflow(declared.name);
    const made = make({ declaration: declared, childrenMax, onOverflow });
    this.#instruments.set(declared.name, made);
    return made;
  }

  #onOverflow(metric: string): () => void {
    return () => {
      this.#overflows.labels(metric).add();
      if (this.#warned.has(metric)) return;
      this.#warned.add(metric);
      const { logger, childrenMax } = this.#options;
      logger.warn({ metric, childrenMax }, 'metric has too many label combinations');
    };
  }

  #onReadError(metric: string): (error: unknown) => void {
    return (err) => {
      this.#options.logger.warn({ metric, err }, 'metric could not be read');
    };
  }
}

function declaration(
  type: Declaration['type'],
  { name, help, labels = [], bounds = DISPATCH_SECONDS_BOUNDS }: HistogramOptions,
): Declaration {
  assert(METRIC_NAME.test(name), `${name} is no name of a metric`);
  for (const label of labels) assert(LABEL_NAME.test(label), `${label} is no name of a label`);
  assert.equal(new Set(labels).size, labels.length, `${name} has a label twice`);
  const isRising = bounds.every((bound, index) => index === 0 || bound > Number(bounds[index - 1]));
  assert(isRising && bounds.length > 0, `the bounds of ${name} must rise`);
  return {
    type,
    name,
    help,
    labels: [...labels],
    bounds: type === 'histogram' ? [...bounds] : [],
    isObserved: false,
  };
}
