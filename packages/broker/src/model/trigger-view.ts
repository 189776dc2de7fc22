/** What both planes read from a Trigger. */
import type { Broker, Trigger } from '@afflux/resources';
import { brokerFamily, STORAGE_NAME_STATUS, storageNameOf } from './broker-class.ts';

/** Name of the broker, whichever of the two fields holds it. */
export function brokerNameOf(trigger: Trigger): string {
  return trigger.spec.broker ?? trigger.spec.brokerRef?.name ?? '';
}

/** Namespace of the broker. */
export function brokerNamespaceOf(trigger: Trigger): string {
  return trigger.spec.brokerRef?.namespace ?? trigger.metadata.namespace ?? '';
}

/**
 * `<namespace>/<name>`: what the trigger's subscription is called in every channel. The same after a restart
 * from the same files, which a uid is not.
 */
export function triggerKey(trigger: Trigger): string {
  return `${trigger.metadata.namespace ?? ''}/${trigger.metadata.name}`;
}

/**
 * Whether the data plane can begin with a trigger: it knows where to send events and, where the class of the
 * broker gives the subscription a name in the back-end, that name.
 */
export function isServable(broker: Broker, trigger: Trigger): boolean {
  if (trigger.status?.subscriberUri === undefined) return false;
  const family = brokerFamily(broker) ?? 'channel';
  return STORAGE_NAME_STATUS[family] === undefined || storageNameOf(family, trigger) !== undefined;
}
