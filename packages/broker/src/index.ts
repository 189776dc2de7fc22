export { BrokerDispatch } from './dispatch/broker-dispatch.ts';
export type { BrokerDispatchOptions } from './dispatch/broker-dispatch.ts';
export type { DispatchDeps } from './dispatch/deps.ts';
export { SinkDispatch } from './dispatch/sink-dispatch.ts';
export type { SinkDispatchOptions } from './dispatch/sink-dispatch.ts';
export { BrokerError } from './errors.ts';
export type { BrokerErrorCode } from './errors.ts';
export type { BackingProblem, BackingReference, BackingSources } from './model/backing-sources.ts';
export {
  brokerBacking,
  brokerReferences,
  sinkBacking,
  sinkReferences,
} from './model/broker-backing.ts';
export type { BrokerIdentity } from './model/identity.ts';
export { sinkPath } from './model/kinds.ts';
export { BrokerReconciler } from './reconcile/broker-reconciler.ts';
export type { BrokerReconcilerOptions } from './reconcile/broker-reconciler.ts';
export { BrokerSubscriptions } from './reconcile/broker-subscriptions.ts';
export type { BrokerSubscriptionsOptions } from './reconcile/broker-subscriptions.ts';
export { EventTypeReconciler } from './reconcile/event-type-reconciler.ts';
export type {
  AnyEventType,
  EventTypeReconcilerOptions,
} from './reconcile/event-type-reconciler.ts';
export { KafkaBrokerReconciler } from './reconcile/kafka-broker-reconciler.ts';
export { KafkaSinkReconciler } from './reconcile/kafka-sink-reconciler.ts';
export type { KafkaSinkReconcilerOptions } from './reconcile/kafka-sink-reconciler.ts';
export type { OwnChannelOptions } from './reconcile/own-channel.ts';
export { RabbitmqBrokerReconciler } from './reconcile/rabbitmq-broker-reconciler.ts';
export type { ProvisionFor } from './reconcile/topology.ts';
export { TriggerReconciler } from './reconcile/trigger-reconciler.ts';
export type { TriggerReconcilerOptions } from './reconcile/trigger-reconciler.ts';
