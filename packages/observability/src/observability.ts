/**
 * Logs, metrics, traces and health of one process, behind the kernel's interfaces.
 *
 * Logger and meter work from the moment of creation; nothing is read from the environment and nothing is
 * opened but the output of the logger. `start` loads what tracing needs, where an endpoint is configured;
 * until then, and without one, the tracer is disabled. `close` sends and writes what waits. It is the first
 * component to start and the last to close.
 */
import { BaseComponent, noopTracer, systemClock, systemRandom } from '@afflux/kernel';
import type { BoundCounter, Clock, Component, Logger, Meter, Random, Tracer } from '@afflux/kernel';
import type { ObservabilityConfig } from './config.ts';
import { Health } from './health.ts';
import { createLogger, openDestination } from './logging/logger.ts';
import type { LogDestination, LogOutput } from './logging/logger.ts';
import { Exposition } from './metrics/exposition.ts';
import type { MetricsText } from './metrics/exposition.ts';
import { MetricsMeter } from './metrics/meter.ts';
import { createRecorder } from './tracing/recorder.ts';
import type { SpanRecorder } from './tracing/recorder.ts';
import { LateTracer, RecordingTracer } from './tracing/tracer.ts';

/** What tests replace. */
export interface ObservabilityOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** In place of the configured output. */
  readonly destination?: LogDestination;
}

/** Everything that says how the process does. */
export interface Observability extends Component {
  readonly logger: Logger;
  readonly meter: Meter;
  /** Disabled until started, and always without `tracing.endpoint`. */
  readonly tracer: Tracer;
  readonly health: Health;
  /** The metrics as Prometheus text. The first call loads the exposition; calls may overlap. */
  metricsText(): Promise<MetricsText>;
}

class ProcessObservability extends BaseComponent implements Observability {
  readonly name = 'observability';
  readonly logger: Logger;
  readonly meter: MetricsMeter;
  readonly tracer = new LateTracer();
  readonly health = new Health();
  readonly #config: ObservabilityConfig;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: LogOutput;
  readonly #exposition: Exposition;
  /** Comes after the logger, as the meter itself logs. */
  readonly #droppedLines: BoundCounter | undefined;
  #recorder: SpanRecorder | undefined;

  constructor(config: ObservabilityConfig, options: ObservabilityOptions) {
    super();
    this.#config = config;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    const destination =
      options.destination ??
      openDestination(config.log.destination, () => this.#droppedLines?.add());
    this.#log = createLogger(config.log, { clock: this.#clock, destination });
    this.logger = this.#log.logger;
    const logger = this.logger.child({ component: this.name });
    this.meter = new MetricsMeter({ childrenMax: config.metrics.childrenMax, logger });
    this.#exposition = new Exposition(this.meter, config.metrics);
    this.#droppedLines = this.meter
      .counter({
        name: 'afflux_log_lines_dropped_total',
        help: 'Log lines lost because the output did not take them.',
      })
      .labels();
  }

  metricsText(): Promise<MetricsText> {
    return this.#exposition.text();
  }

  protected override async onStart(): Promise<void> {
    const { endpoint } = this.#config.tracing;
    if (endpoint === undefined) return;
    const shared = { config: this.#config.tracing, clock: this.#clock, random: this.#random };
    const logger = this.logger.child({ component: this.name });
    this.#recorder = await createRecorder({ ...shared, endpoint, logger });
    this.tracer.use(new RecordingTracer({ ...shared, recorder: this.#recorder }));
  }

  protected override async onClose(): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    this.tracer.use(noopTracer);
    await recorder?.close();
    this.#log.flush();
  }
}

/** Makes the telemetry of a process from its parsed configuration. */
export function createObservability(
  config: ObservabilityConfig,
  options: ObservabilityOptions = {},
): Observability {
  return new ProcessObservability(config, options);
}
