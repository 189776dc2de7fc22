/** Everything that can go wrong here on purpose. Logging and metrics never raise: telemetry breaks no work. */
import { AffluxError } from '@afflux/kernel';

export type ObservabilityErrorCode = 'AFFLUX_OBSERVABILITY_TRACING_UNAVAILABLE';

export class ObservabilityError extends AffluxError<ObservabilityErrorCode> {}

/** Tracing is configured and the optional packages behind it cannot be loaded. */
export function tracingUnavailable(cause: unknown): ObservabilityError {
  return new ObservabilityError(
    'tracing is configured but the OpenTelemetry packages could not be loaded: install the optional dependencies of @afflux/observability or remove tracing.endpoint',
    { code: 'AFFLUX_OBSERVABILITY_TRACING_UNAVAILABLE', fault: 'user', cause },
  );
}
