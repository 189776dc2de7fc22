import type { Clock } from '@afflux/kernel';

/** The present in Kubernetes' form of RFC 3339: UTC, whole seconds. */
export function timestamp(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}
