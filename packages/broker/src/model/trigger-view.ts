/** What both planes read from a Trigger. */
import type { Trigger } from '@afflux/resources';

/** Name of the broker, whichever of the two fields holds it. */
export function brokerNameOf(trigger: Trigger): string {
  return trigger.spec.broker ?? trigger.spec.brokerRef?.name ?? '';
}

/** Namespace of the broker. */
export function brokerNamespaceOf(trigger: Trigger): string {
  return trigger.spec.brokerRef?.namespace ?? trigger.metadata.namespace ?? '';
}
