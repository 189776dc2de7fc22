/**
 * Instruments that cost next to nothing to record: a child is an object with a number, or with one count per
 * bucket, and is resolved once by whoever records often. Exposition reads them when somebody asks.
 *
 * Labels come from outside (event types, names), so each instrument has a bound on its children. Values beyond
 * it are not lost: they go to one child whose labels all say "other".
 */
import { strict as assert } from 'node:assert';
import type { BoundCounter, BoundGauge, BoundHistogram, Observation } from '@afflux/kernel';

/** The label value of the child that takes what is beyond the bound. */
const OTHER = 'other';

/** Characters of one label value; more are cut, as values come from outside and each is kept. */
const LABEL_LENGTH_MAX = 256;

/** One line of exposition: `name{labels} value`. */
export interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export type InstrumentType = 'counter' | 'histogram' | 'gauge';

/** What an instrument was declared as; a second declaration must say the same. */
export interface Declaration {
  readonly type: InstrumentType;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, rising. */
  readonly bounds: readonly number[];
  /** Whether a gauge is read when asked instead of being set. */
  readonly isObserved: boolean;
}

/** What every instrument offers to exposition. */
export interface Instrument {
  readonly declaration: Declaration;
  samples(): Sample[];
}

export interface ChildrenOptions {
  readonly declaration: Declaration;
  readonly childrenMax: number;
  /** Called for each resolution that was sent to the child for the rest. */
  readonly onOverflow: () => void;
}

/** The children of one instrument by their label values. */
abstract class Children<
  Child extends { readonly labels: readonly string[] },
> implements Instrument {
  readonly declaration: Declaration;
  readonly #childrenMax: number;
  readonly #onOverflow: () => void;
  readonly #children = new Map<string, Child>();
  #other: Child | undefined;

  constructor({ declaration, childrenMax, onOverflow }: ChildrenOptions) {
    this.declaration = declaration;
    this.#childrenMax = childrenMax;
    this.#onOverflow = onOverflow;
  }

  /** The child of these label values, in the order of the declared labels. */
  labels(...values: readonly string[]): Child {
    if (values.length !== this.declaration.labels.length) failLabels(this.declaration);
    const key = keyOf(values);
    return this.#children.get(key) ?? this.#add(values);
  }

  /** Puts a child back that was removed and is used again, unless another has taken its place. */
  protected restore(child: Child): void {
    const key = keyOf(child.labels);
    const hasRoom = this.#children.size < this.#childrenMax;
    if (hasRoom && !this.#children.has(key)) this.#children.set(key, child);
  }

  protected forget(child: Child): void {
    const key = keyOf(child.labels);
    if (this.#children.get(key) === child) this.#children.delete(key);
  }

  samples(): Sample[] {
    const children = [...this.#children.values()];
    if (this.#other !== undefined) children.push(this.#other);
    return children.flatMap((child) => this.samplesOf(child, this.#labelsOf(child)));
  }

  protected abstract make(labels: readonly string[]): Child;

  protected abstract samplesOf(child: Child, labels: Readonly<Record<string, string>>): Sample[];

  /** Only here, off the beaten path, are values cut: a value that is too long is never found as it is. */
  #add(values: readonly string[]): Child {
    const short = values.map((value) => value.slice(0, LABEL_LENGTH_MAX));
    const key = keyOf(short);
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    if (this.#children.size < this.#childrenMax) {
      const child = this.make(short);
      this.#children.set(key, child);
      return child;
    }
    this.#onOverflow();
    this.#other ??= this.make(values.map(() => OTHER));
    return this.#other;
  }

  #labelsOf(child: Child): Readonly<Record<string, string>> {
    return labelsObject(this.declaration.labels, child.labels);
  }
}

function failLabels({ name, labels }: Declaration): never {
  assert.fail(`${name} has the labels (${labels.join(', ')})`);
}

function keyOf(values: readonly string[]): string {
  return values.length === 1 ? String(values[0]) : values.join('\u0000');
}

function labelsObject(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

class CounterChild implements BoundCounter {
  readonly labels: readonly string[];
  value = 0;

  constructor(labels: readonly string[]) {
    this.labels = labels;
  }

  /** A negative amount, or one that is no number, is ignored: a child never throws and a counter never falls. */
  add(amount = 1): void {
    if (amount > 0 && amount < Infinity) this.value += amount;
  }
}

export class CounterInstrument extends Children<CounterChild> {
  protected override make(labels: readonly string[]): CounterChild {
    return new CounterChild(labels);
  }

  protected override samplesOf(child: CounterChild, labels: Readonly<Record<string, string>>) {
    return [{ labels, value: child.value }];
  }
}

class GaugeChild implements BoundGauge {
  readonly labels: readonly string[];
  readonly #owner: GaugeInstrument;
  value = 0;
  #isRemoved = false;

  constructor(labels: readonly string[], owner: GaugeInstrument) {
    this.labels = labels;
    this.#owner = owner;
  }

  set(value: number): void {
    this.value = value;
    if (this.#isRemoved) this.#restore();
  }

  add(amount: number): void {
    if (!Number.isNaN(amount)) this.value += amount;
    if (this.#isRemoved) this.#restore();
  }

  remove(): void {
    this.#isRemoved = true;
    this.value = 0;
    this.#owner.removed(this);
  }

  #restore(): void {
    this.#isRemoved = false;
    this.#owner.usedAgain(this);
  }
}

export class GaugeInstrument extends Children<GaugeChild> {
  removed(child: GaugeChild): void {
    this.forget(child);
  }

  usedAgain(child: GaugeChild): void {
    this.restore(child);
  }

  protected override make(labels: readonly string[]): GaugeChild {
    return new GaugeChild(labels, this);
  }

  protected override samplesOf(child: GaugeChild, labels: Readonly<Record<string, string>>) {
    return [{ labels, value: child.value }];
  }
}

class HistogramChild implements BoundHistogram {
  readonly labels: readonly string[];
  readonly #bounds: Float64Array;
  /** One per bound and one for what is above all of them; not cumulated. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = Float64Array.from(bounds);
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** A value that is no finite number is ignored. */
  record(value: number): void {
    if (!Number.isFinite(value)) return;
    const bounds = this.#bounds;
    let bucket = 0;
    // Without an end the last comparison is with undefined, which nothing is greater than.
    while (value > (bounds[bucket] as number)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

export class HistogramInstrument extends Children<HistogramChild> {
  protected override make(labels: readonly string[]): HistogramChild {
    return new HistogramChild(labels, this.declaration.bounds);
  }

  protected override samplesOf(child: HistogramChild, labels: Readonly<Record<string, string>>) {
    const { name, bounds } = this.declaration;
    let count = 0;
    const buckets = [...bounds, '+Inf'].map((le, index): Sample => {
      count += child.counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: child.sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

export interface ObservedOptions {
  readonly declaration: Declaration;
  readonly childrenMax: number;
  readonly onOverflow: () => void;
  /** Called with what a reader threw; its readings are missing, the others are not. */
  readonly onError: (error: unknown) => void;
}

/** A gauge without values of its own: it asks its readers. Where two read the same labels, the later one counts. */
export class ObservedInstrument implements Instrument {
  readonly declaration: Declaration;
  readonly #options: ObservedOptions;
  readonly #readers = new Set<() => Iterable<Observation>>();

  constructor(options: ObservedOptions) {
    this.declaration = options.declaration;
    this.#options = options;
  }

  /** Adds a reader; the function that comes back removes it. */
  addReader(read: () => Iterable<Observation>): () => void {
    // A reader of its own, so that the same function added twice is removed one at a time.
    const reader = (): Iterable<Observation> => read();
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }

  samples(): Sample[] {
    const samples = new Map<string, Sample>();
    for (const read of this.#readers) {
      try {
        for (const observation of read()) this.#keep(observation, samples);
      } catch (error) {
        this.#options.onError(error);
      }
    }
    return [...samples.values()];
  }

  #keep({ labels, value }: Observation, samples: Map<string, Sample>): void {
    const { labels: names } = this.declaration;
    if (labels.length !== names.length) failLabels(this.declaration);
    const key = keyOf(labels);
    if (samples.size >= this.#options.childrenMax && !samples.has(key)) this.#options.onOverflow();
    else samples.set(key, { labels: labelsObject(names, labels), value });
  }
}
