/**
 * The metrics as text, for Prometheus. Format, escaping and the metrics of the process are prom-client's; it
 * is loaded, and begins to watch event loop and garbage collection, when somebody asks for the first time.
 */
import type { Registry } from 'prom-client';
import type { Instrument } from './instruments.ts';
import type { MetricsMeter } from './meter.ts';

export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

/** What prom-client's registry asks of a metric; its own classes are one way to be that. */
interface RegistryEntry {
  readonly name: string;
  get(): Promise<unknown>;
}

function registryEntry(instrument: Instrument): RegistryEntry {
  const { name, help, type } = instrument.declaration;
  return {
    name,
    get: () =>
      Promise.resolve({ name, help, type, aggregator: 'sum', values: instrument.samples() }),
  };
}

export class Exposition {
  readonly #meter: MetricsMeter;
  readonly #processMetrics: boolean;
  #registry: Promise<Registry> | undefined;
  readonly #registered = new Set<string>();

  constructor(meter: MetricsMeter, { processMetrics }: { readonly processMetrics: boolean }) {
    this.#meter = meter;
    this.#processMetrics = processMetrics;
  }

  /** Reads every instrument now. */
  async text(): Promise<MetricsText> {
    this.#registry ??= this.#load();
    const registry = await this.#registry;
    for (const instrument of this.#meter.instruments()) {
      const { name } = instrument.declaration;
      if (this.#registered.has(name)) continue;
      this.#registered.add(name);
      // The declared type names prom-client's own classes; the registry itself needs no more than this.
      registry.registerMetric(registryEntry(instrument) as never);
    }
    return { contentType: registry.contentType, body: await registry.metrics() };
  }

  async #load(): Promise<Registry> {
    const { collectDefaultMetrics, Registry } = await import('prom-client');
    const registry = new Registry();
    if (this.#processMetrics) collectDefaultMetrics({ register: registry });
    return registry;
  }
}
