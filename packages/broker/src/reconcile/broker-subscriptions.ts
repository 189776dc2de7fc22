/**
 * The subscriptions of triggers in the back-end of their broker: how each is called there, and the end of all of
 * them when the broker goes. Knative's brokers leave the groups and queues of triggers that outlive them behind,
 * and a successor of the same name would find their backlogs.
 */
import type { Provision, SubscribeOptions } from '@afflux/channels';
import type { Informer } from '@afflux/control';
import {
  flowSettings,
  rabbitmqTriggerQueue,
  type Broker,
  type KafkaFeatures,
  type Trigger,
} from '@afflux/resources';
import { brokerFamily, storageNameOf, type BrokerFamily } from '../model/broker-class.ts';
import { brokerNameOf, brokerNamespaceOf, triggerKey } from '../model/trigger-view.ts';

export interface BrokerSubscriptionsOptions {
  readonly triggers: Informer;
  /** How consumer groups of new triggers are called. */
  readonly kafkaFeatures: () => KafkaFeatures;
}

export type BackEndSubscription = Pick<SubscribeOptions<unknown>, 'id' | 'from' | 'storageName'>;

export class BrokerSubscriptions {
  readonly #options: BrokerSubscriptionsOptions;

  constructor(options: BrokerSubscriptionsOptions) {
    this.#options = options;
  }

  /**
   * What the back-end calls the trigger's subscription. The name that its status says holds for ever, so that a
   * changed template leaves no backlog behind. Undefined where the channel makes the names, or where the template
   * wants a label that the trigger has not.
   */
  storageName(family: BrokerFamily, trigger: Trigger): string | undefined {
    const kept = storageNameOf(family, trigger);
    if (kept !== undefined) return kept;
    const { namespace = '', name } = trigger.metadata;
    if (family === 'kafka') return this.#options.kafkaFeatures().triggerGroup(trigger.metadata);
    return family === 'rabbitmq' ? rabbitmqTriggerQueue({ namespace, name }) : undefined;
  }

  /** The subscription as the back-end is to know it. */
  of(family: BrokerFamily, broker: Broker, trigger: Trigger): BackEndSubscription {
    const storageName = this.storageName(family, trigger);
    const { startAt } = flowSettings(trigger.metadata.annotations, broker.metadata.annotations);
    return {
      id: triggerKey(trigger),
      ...(storageName === undefined ? {} : { storageName }),
      ...(startAt === undefined ? {} : { from: startAt }),
    };
  }

  /** Removes the subscriptions of all triggers of the broker, one after the other. */
  async removeAll(
    broker: Broker,
    administration: Provision,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    const family = brokerFamily(broker) ?? 'channel';
    for (const trigger of this.#options.triggers.list() as readonly Trigger[]) {
      if (!isOf(trigger, broker)) continue;
      await administration.removeSubscription(this.of(family, broker, trigger), { signal });
    }
  }
}

function isOf(trigger: Trigger, broker: Broker): boolean {
  return (
    brokerNameOf(trigger) === broker.metadata.name &&
    brokerNamespaceOf(trigger) === (broker.metadata.namespace ?? '')
  );
}
