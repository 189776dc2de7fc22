/** Names that both planes of this package agree on. */
import { childName } from '@afflux/resources';

export const BROKER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' } as const;
export const TRIGGER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger' } as const;

export const KAFKA_SINK = {
  apiVersion: 'eventing.knative.dev/v1alpha1',
  kind: 'KafkaSink',
} as const;

/** Name of the channel that a broker owns. */
export function triggerChannelName(broker: string): string {
  return childName(broker, '-kne-trigger');
}

/** Path of a broker on the event port. */
export function brokerPath(namespace: string, name: string): string {
  return `/${namespace}/${name}`;
}

/** Path of a sink on the event port: one level below brokers, which share the port and may have the same name. */
export function sinkPath(namespace: string, name: string): string {
  return `/${namespace}/sinks/${name}`;
}
