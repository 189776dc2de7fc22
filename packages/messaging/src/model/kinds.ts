/** The kinds of this package, by apiVersion and kind. */
import type { GroupVersionKind } from '@afflux/control';

const MESSAGING = 'messaging.knative.dev/v1';
const OURS = 'messaging.afflux.dev/v1alpha1';
const FLOWS = 'flows.knative.dev/v1';

export const CHANNEL: GroupVersionKind = { apiVersion: MESSAGING, kind: 'Channel' };
export const IN_MEMORY_CHANNEL: GroupVersionKind = {
  apiVersion: MESSAGING,
  kind: 'InMemoryChannel',
};
export const DURABLE_CHANNEL: GroupVersionKind = { apiVersion: OURS, kind: 'DurableChannel' };
export const KAFKA_CHANNEL: GroupVersionKind = { apiVersion: MESSAGING, kind: 'KafkaChannel' };
export const RABBITMQ_CHANNEL: GroupVersionKind = { apiVersion: OURS, kind: 'RabbitmqChannel' };
export const SUBSCRIPTION: GroupVersionKind = { apiVersion: MESSAGING, kind: 'Subscription' };
export const SEQUENCE: GroupVersionKind = { apiVersion: FLOWS, kind: 'Sequence' };
export const PARALLEL: GroupVersionKind = { apiVersion: FLOWS, kind: 'Parallel' };

/** Served by Knative beside {@link KAFKA_CHANNEL}. */
const KAFKA_CHANNEL_V1BETA1: GroupVersionKind = {
  apiVersion: 'messaging.knative.dev/v1beta1',
  kind: 'KafkaChannel',
};

/**
 * The version in which this package works with objects of a kind. All versions of a kind show the same objects, so
 * what a reference names in another version is found in this one.
 */
export function workingKind({ apiVersion, kind }: GroupVersionKind): GroupVersionKind {
  const named = { apiVersion, kind };
  return isSameKind(named, KAFKA_CHANNEL_V1BETA1) ? KAFKA_CHANNEL : named;
}

/** Whether two names mean the same kind. */
export function isSameKind(left: GroupVersionKind, right: GroupVersionKind): boolean {
  return left.apiVersion === right.apiVersion && left.kind === right.kind;
}
