import type { Clock } from '@afflux/kernel';

/** The present in Kubernetes' form of RFC 3339: UTC, whole seconds. */
export function timestamp(clock: Clock): string {
  return secondsTimestamp(clock.now());
}

/** Milliseconds since 1970 in the same form. */
export function secondsTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A text that names a moment. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
