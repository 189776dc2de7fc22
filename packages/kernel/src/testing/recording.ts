/** Logger and meter that keep what they are told, so that tests can assert on telemetry as an observable. */
import type {
  HistogramOptions,
  InstrumentOptions,
  LogFields,
  Logger,
  Meter,
  Observation,
} from '../telemetry.ts';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields;
}

export interface RecordingLogger extends Logger {
  readonly lines: readonly LogLine[];
}

export function recordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const make = (base: LogFields): RecordingLogger => {
    const at =
      (level: LogLine['level']) =>
      (fields: LogFields, message: string): void => {
        lines.push({ level, message, fields: { ...base, ...fields } });
      };
    return {
      lines,
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      child: (fields) => make({ ...base, ...fields }),
    };
  };
  return make({});
}

/** Keeps every value by instrument name and label values. */
export class RecordingMeter implements Meter {
  readonly #values = new Map<string, number[]>();
  readonly #readers = new Map<string, Set<() => Iterable<Observation>>>();

  counter(options: InstrumentOptions) {
    return {
      labels: (...labels: readonly string[]) => ({
        add: (amount = 1) => {
          this.#append(options.name, labels, amount);
        },
      }),
    };
  }

  histogram(options: HistogramOptions) {
    return {
      labels: (...labels: readonly string[]) => ({
        record: (value: number) => {
          this.#append(options.name, labels, value);
        },
      }),
    };
  }

  gauge(options: InstrumentOptions) {
    return {
      labels: (...labels: readonly string[]) => ({
        set: (value: number) => {
          this.#values.set(keyOf(options.name, labels), [value]);
        },
        add: (amount: number) => {
          this.#append(options.name, labels, amount);
        },
        remove: () => {
          this.#values.delete(keyOf(options.name, labels));
        },
      }),
    };
  }

  observe(options: InstrumentOptions, read: () => Iterable<Observation>): () => void {
    const readers = this.#readers.get(options.name) ?? new Set();
    this.#readers.set(options.name, readers);
    readers.add(read);
    return () => void readers.delete(read);
  }

  /** Sum of a counter or gauge, or of a histogram's values, for these label values. */
  sum(name: string, ...labels: readonly string[]): number {
    return this.values(name, ...labels).reduce((total, value) => total + value, 0);
  }

  /** Every value given, in order. */
  values(name: string, ...labels: readonly string[]): readonly number[] {
    return this.#values.get(keyOf(name, labels)) ?? [];
  }

  /** What the observed gauges of this name read now. */
  observations(name: string): readonly Observation[] {
    return [...(this.#readers.get(name) ?? [])].flatMap((read) => [...read()]);
  }

  /** Names that anything was recorded under, or that have a reader. */
  get names(): ReadonlySet<string> {
    return new Set([
      ...[...this.#values.keys()].map((key) => key.slice(0, key.indexOf('{'))),
      ...this.#readers.keys(),
    ]);
  }

  #append(name: string, labels: readonly string[], value: number): void {
    const key = keyOf(name, labels);
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }
}

function keyOf(name: string, labels: readonly string[]): string {
  return `${name}{${labels.join(',')}}`;
}
