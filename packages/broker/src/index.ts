export { BrokerDispatch } from './dispatch/broker-dispatch.ts';
export type { BrokerDispatchOptions } from './dispatch/broker-dispatch.ts';
export type { DispatchDeps } from './dispatch/deps.ts';
export type { BrokerIdentity } from './model/identity.ts';
export { BrokerError } from './errors.ts';
export type { BrokerErrorCode } from './errors.ts';
export { BrokerReconciler } from './reconcile/broker-reconciler.ts';
export type { BrokerReconcilerOptions } from './reconcile/broker-reconciler.ts';
export { EventTypeReconciler } from './reconcile/event-type-reconciler.ts';
export type {
  AnyEventType,
  EventTypeReconcilerOptions,
} from './reconcile/event-type-reconciler.ts';
export { TriggerReconciler } from './reconcile/trigger-reconciler.ts';
export type { TriggerReconcilerOptions } from './reconcile/trigger-reconciler.ts';
