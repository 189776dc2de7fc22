/**
 * The OpenTelemetry SDK behind one small interface: it takes the spans that are recorded, batches them and
 * sends them to a collector as OTLP/HTTP with JSON. Its packages are optional dependencies, loaded only when
 * an endpoint is configured. The SDK decides nothing here: not what is sampled, not what the parent is.
 */
import type { Clock, Logger, Random } from '@afflux/kernel';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../config.ts';
import { tracingUnavailable } from '../errors.ts';
import { randomHex } from './span-context.ts';
import type { SpanIds } from './span-context.ts';

/** Spans that wait for the collector; more are dropped. */
const WAITING_SPANS_MAX = 2048;

/** Bounds of one span. */
const ATTRIBUTES_MAX = 64;
const ATTRIBUTE_LENGTH_MAX = 1024;

/** How long closing waits for the last spans to be sent. */
const FLUSH_MS_MAX = 2000;

/** `SUCCESS` of OpenTelemetry's ExportResultCode. */
const EXPORT_SUCCESS = 0;

export type AttributeValue = string | number | boolean;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  readonly parent: SpanIds | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly startTimeMs: number;
}

/** One span that is being recorded. */
export interface OpenSpan {
  readonly ids: SpanIds;
  setAttribute(name: string, value: AttributeValue): void;
  /** Marks it as failed. */
  fail(message: string): void;
  end(timeMs: number): void;
}

export interface SpanRecorder {
  begin(span: SpanStart): OpenSpan;
  /** Sends what waits, within a bound of its own, and gives everything back. Never rejects. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  readonly config: TracingConfig;
  readonly endpoint: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Loads the SDK. Throws `AFFLUX_OBSERVABILITY_TRACING_UNAVAILABLE` when it is not installed. */
export async function createRecorder(options: RecorderOptions): Promise<SpanRecorder> {
  const { api, sdk, resources, otlp } = await loadPackages();
  const { config, random } = options;
  const exporter = new otlp.OTLPTraceExporter({
    url: tracesUrl(options.endpoint),
    headers: config.headers,
    timeoutMillis: config.exportTimeoutMs,
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': config.serviceName }),
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: {
      generateTraceId: () => randomHex(32, random),
      generateSpanId: () => randomHex(16, random),
    },
    spanLimits: {
      attributeCountLimit: ATTRIBUTES_MAX,
      attributeValueLengthLimit: ATTRIBUTE_LENGTH_MAX,
    },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: reportingExporter(exporter, options.logger),
        maxQueueSize: WAITING_SPANS_MAX,
        exportTimeoutMillis: config.exportTimeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer('afflux');
  const { INTERNAL: internal, SERVER: server, CLIENT: client } = api.SpanKind;
  const kinds = { internal, server, client };
  return {
    begin: ({ name, kind, parent, attributes, startTimeMs }) => {
      const context =
        parent === undefined
          ? api.ROOT_CONTEXT
          : api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, traceFlags: 1 });
      const options = { kind: kinds[kind], attributes, startTime: startTimeMs };
      const span = tracer.startSpan(name, options, context);
      return {
        ids: span.spanContext(),
        setAttribute: (key, value) => void span.setAttribute(key, value),
        fail: (message) => void span.setStatus({ code: api.SpanStatusCode.ERROR, message }),
        end: (timeMs) => {
          span.end(timeMs);
        },
      };
    },
    close: () => closeWithin(provider.shutdown(), options),
  };
}

async function loadPackages() {
  try {
    const [api, sdk, resources, otlp] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
    return { api, sdk, resources, otlp };
  } catch (error) {
    throw tracingUnavailable(error);
  }
}

/** `OTEL_EXPORTER_OTLP_ENDPOINT` is a base; an endpoint that names the path already is taken as it is. */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/v1/traces') ? path : `${path}/v1/traces`;
  return url.href;
}

/** An export that fails is said once in a while; the SDK by itself would be silent. */
function reportingExporter(exporter: SpanExporter, logger: Logger): SpanExporter {
  return {
    export: (spans: ReadableSpan[], done) => {
      exporter.export(spans, (result) => {
        const code: number = result.code;
        if (code !== EXPORT_SUCCESS) {
          logger.warn({ err: result.error, spans: spans.length }, 'spans could not be exported');
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

async function closeWithin(
  shutdown: Promise<void>,
  { clock, logger }: RecorderOptions,
): Promise<void> {
  const controller = new AbortController();
  const timeUp = clock.sleep(FLUSH_MS_MAX, controller.signal).then(
    () => {
      logger.warn({ waitedMs: FLUSH_MS_MAX }, 'last spans were not sent in time');
    },
    () => undefined, // the shutdown was faster
  );
  // The reporting exporter has told what failed.
  await Promise.race([shutdown.catch(() => undefined), timeUp]);
  controller.abort();
}
