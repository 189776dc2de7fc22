/**
 * The kernel's tracer. Whether a trace is recorded is decided where it enters the process: by our ratio, or by
 * the parent's flag where the configuration trusts it (T32). A trace that is not recorded costs ids and no
 * more; one that is goes to the recorder.
 */
import type { Clock, Random, Span, TraceContext, Tracer } from '@afflux/kernel';
import { AffluxError, noopTracer } from '@afflux/kernel';
import type { TracingConfig } from '../config.ts';
import { redactText } from '../logging/redact-text.ts';
import { redactValue } from '../logging/redact.ts';
import type { AttributeValue, OpenSpan, SpanRecorder } from './recorder.ts';
import { idsOf, isSampled, OwnTraceContext, randomHex } from './span-context.ts';

type StartOptions = Parameters<Tracer['startSpan']>[1];

/** Attributes leave the process: the same rules as for logs. */
function attribute(name: string, value: AttributeValue): AttributeValue {
  const clean = redactValue(name, value);
  return typeof clean === 'object' || clean === undefined ? '' : (clean as AttributeValue);
}

function typeOf(error: unknown): string {
  if (error instanceof AffluxError) return (error as AffluxError).code;
  return error instanceof Error ? error.name : typeof error;
}

class RecordedSpan implements Span {
  readonly context: TraceContext;
  readonly #span: OpenSpan;
  readonly #clock: Clock;
  readonly #startTimeMs: number;
  readonly #startedMs: number;

  constructor(
    span: OpenSpan,
    options: { parent: TraceContext | undefined; clock: Clock; startTimeMs: number },
  ) {
    this.context = new OwnTraceContext(span.ids, true, options.parent);
    this.#span = span;
    this.#clock = options.clock;
    this.#startTimeMs = options.startTimeMs;
    this.#startedMs = options.clock.monotonicMs();
  }

  setAttribute(name: string, value: AttributeValue): void {
    this.#span.setAttribute(name, attribute(name, value));
  }

  end(error?: unknown): void {
    if (error !== undefined) this.#fail(error);
    this.#span.end(this.#startTimeMs + (this.#clock.monotonicMs() - this.#startedMs));
  }

  /** The kind of an error and its message; no stack, as traces are read by more people than logs. */
  #fail(error: unknown): void {
    this.#span.setAttribute('error.type', typeOf(error));
    this.#span.fail(redactText(error instanceof Error ? error.message : String(error)));
  }
}

/** Carries its context on, so that who comes after knows that nothing is recorded. */
class UnrecordedSpan implements Span {
  readonly context: TraceContext;

  constructor(context: TraceContext) {
    this.context = context;
  }

  setAttribute(): void {
    // Nothing is recorded.
  }

  end(): void {
    // Nothing is recorded.
  }
}

export interface RecordingTracerOptions {
  readonly recorder: SpanRecorder;
  readonly config: Pick<TracingConfig, 'samplingRatio' | 'trustParent'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes spans, and sends those of sampled traces to the recorder. */
export class RecordingTracer implements Tracer {
  readonly enabled = true;
  readonly #options: RecordingTracerOptions;

  constructor(options: RecordingTracerOptions) {
    this.#options = options;
  }

  startSpan(name: string, { kind, parent, attributes = {} }: StartOptions): Span {
    const { recorder, clock, random } = this.#options;
    if (!this.#isRecorded(parent)) {
      const traceId = parent === undefined ? randomHex(32, random) : idsOf(parent).traceId;
      const ids = { traceId, spanId: randomHex(16, random) };
      return new UnrecordedSpan(new OwnTraceContext(ids, false, parent));
    }
    const startTimeMs = clock.now();
    const span = recorder.begin({
      name: redactText(name),
      kind,
      parent: parent && idsOf(parent),
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [key, attribute(key, value)]),
      ),
      startTimeMs,
    });
    return new RecordedSpan(span, { parent, clock, startTimeMs });
  }

  #isRecorded(parent: TraceContext | undefined): boolean {
    const { config, random } = this.#options;
    if (parent instanceof OwnTraceContext) return isSampled(parent);
    if (parent !== undefined && config.trustParent) return isSampled(parent);
    return random.next() < config.samplingRatio;
  }
}

/** Stands for the tracer until it is loaded, and for none where none is configured. */
export class LateTracer implements Tracer {
  #tracer: Tracer = noopTracer;

  get enabled(): boolean {
    return this.#tracer.enabled;
  }

  startSpan(name: string, options: StartOptions): Span {
    return this.#tracer.startSpan(name, options);
  }

  use(tracer: Tracer): void {
    this.#tracer = tracer;
  }
}
