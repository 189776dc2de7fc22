/** Logger and meter that keep what they are told, so that tests can assert on telemetry as an observable. */
import { strict as assert } from 'node:assert';
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

/**
 * Keeps every value by instrument name and label values. As strict as the real meter: other labels than
 * declared, or a second declaration with other labels, fail the test.
 */
export class RecordingMeter implements Meter {
  readonly #labels = new Map<string, readonly string[]>();
  readonly #values = new Map<string, number[]>();
  readonly #readers = new Map<string, Set<() => Iterable<Observation>>>();

  counter(options: InstrumentOptions) {
    return this.#instrument(options, (key) => ({
      add: (amount = 1) => {
        assert(amount >= 0, `counter ${options.name} cannot go down`);
        this.#append(key, amount);
      },
    }));
  }

  histogram(options: HistogramOptions) {
    return this.#instrument(options, (key) => ({
      record: (value: number) => {
        this.#append(key, value);
      },
    }));
  }

  gauge(options: InstrumentOptions) {
    return this.#instrument(options, (key) => ({
      set: (value: number) => {
        this.#values.set(key, [value]);
      },
      add: (amount: number) => {
        this.#append(key, amount);
      },
      remove: () => {
        this.#values.delete(key);
      },
    }));
  }

  observe(options: InstrumentOptions, read: () => Iterable<Observation>): () => void {
    this.#declare(options);
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

  #declare({ name, labels = [] }: InstrumentOptions): readonly string[] {
    const before = this.#labels.get(name) ?? labels;
    assert.deepEqual(labels, before, `${name} was declared with other labels`);
    this.#labels.set(name, labels);
    return labels;
  }

  #instrument<Child>(options: InstrumentOptions, make: (key: string) => Child) {
    const declared = this.#declare(options);
    return {
      labels: (...labels: readonly string[]): Child => {
        assert.equal(
          labels.length,
          declared.length,
          `${options.name} takes ${declared.join(', ')}`,
        );
        return make(keyOf(options.name, labels));
      },
    };
  }

  #append(key: string, value: number): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }
}

function keyOf(name: string, labels: readonly string[]): string {
  return `${name}{${JSON.stringify(labels)}}`;
}
