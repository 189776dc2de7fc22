export { BACKOFF_MS_MAX, backoffMs, JITTER_RATIO, withJitter } from './backoff.ts';
export type { BackoffOptions, BackoffPolicy } from './backoff.ts';
export { BoundedQueue } from './bounded-queue.ts';
export { systemClock } from './clock.ts';
export type { Clock, Timer } from './clock.ts';
export { BaseComponent, startAll, stopAll } from './component.ts';
export type { Component, ComponentState, StopOptions, StopReport } from './component.ts';
export { DURABILITY_STEPS } from './durability-step.ts';
export type { DurabilityStep, OnStep } from './durability-step.ts';
export {
  formatDuration,
  parseBytes,
  parseDuration,
  parseGoDuration,
  parseIsoDuration,
} from './duration.ts';
export { abortedError, AffluxError, KernelError } from './errors.ts';
export type { AffluxErrorOptions, Fault, KernelErrorCode } from './errors.ts';
export { newUuid, seededRandom, systemRandom } from './random.ts';
export type { NewId, Random } from './random.ts';
export { Semaphore } from './semaphore.ts';
export { DISPATCH_SECONDS_BOUNDS, noopLogger, noopMeter, noopTracer } from './telemetry.ts';
export type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Counter,
  Gauge,
  Histogram,
  HistogramOptions,
  InstrumentOptions,
  LogFields,
  Logger,
  Meter,
  Observation,
  Span,
  TraceContext,
  Tracer,
} from './telemetry.ts';
export { readTraceContext } from './trace-context.ts';
export { untilAborted } from './until-aborted.ts';
