/**
 * Makes a Trigger ready: its broker is there and Ready, what it depends on is Ready, its subscriber and dead
 * letter sink have addresses, and its subscription exists in the back-end, where the broker has one: whatever is
 * published once the trigger is Ready reaches it. The data plane follows the status that is written here.
 *
 * Only a trigger with something in a back-end has a finalizer, which removes that. Its data plane lets go when
 * the deletion begins; should it be slow, the removal is tried again.
 */
import {
  AddressError,
  observerOf,
  RequeueAfter,
  type AddressResolver,
  type Informer,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  type Tracker,
} from '@afflux/control';
import {
  dependencyOf,
  MT_BROKER_CONDITIONS,
  TRIGGER_CONDITIONS,
  type Broker,
  type KindRegistry,
  type Trigger,
  type TriggerStatus,
  Marks,
} from '@afflux/resources';
import { brokerFamily, channelRefOf, STORAGE_NAME_STATUS } from '../model/broker-class.ts';
import { BROKER, TRIGGER } from '../model/kinds.ts';
import { brokerNameOf, brokerNamespaceOf, triggerKey } from '../model/trigger-view.ts';
import type { BrokerSubscriptions } from './broker-subscriptions.ts';
import { resolveDeadLetterSink } from './dead-letter-sink.ts';
import { dependencyVerdict, trackKnown, type LookUp } from './dependency.ts';
import { Topology, type Made, type ProvisionFor } from './topology.ts';

export interface TriggerReconcilerOptions {
  readonly brokers: Informer;
  readonly registry: Pick<KindRegistry, 'get'>;
  readonly resolver: AddressResolver;
  readonly tracker: Tracker;
  /** Reads any object by reference; undefined when it is not there or its kind is unknown. */
  readonly lookUp: LookUp;
  readonly provision: ProvisionFor;
  readonly subscriptions: BrokerSubscriptions;
}

export class TriggerReconciler implements Reconciler<Trigger> {
  readonly kind = TRIGGER;
  readonly conditions = TRIGGER_CONDITIONS;
  readonly finalizer = 'triggers.eventing.afflux.dev';
  readonly #options: TriggerReconcilerOptions;
  readonly #topology = new Topology();
  /** Subscriptions known to be there, so that a change of a broker does not ask for those of all its triggers. */
  readonly #made = new Map<string, string>();

  constructor(options: TriggerReconcilerOptions) {
    this.#options = options;
  }

  /** A trigger of another class's broker belongs to another controller; one without a broker is ours to report. */
  accepts(trigger: Trigger): boolean {
    const { deletionTimestamp, finalizers } = trigger.metadata;
    // Whoever serves the broker now: what has our finalizer must not wait for it for ever.
    if (deletionTimestamp !== undefined && finalizers?.includes(this.finalizer) === true)
      return true;
    const broker = this.#brokerOf(trigger);
    return broker === undefined || brokerFamily(broker) !== undefined;
  }

  needsFinalizer(trigger: Trigger): boolean {
    return this.#administrationOf(this.#brokerOf(trigger)) !== undefined;
  }

  async reconcile(trigger: Trigger, context: ReconcileContext): Promise<void> {
    const status = (trigger.status ??= {});
    const marks = new Marks(TRIGGER_CONDITIONS, status, context.now());
    const { namespace = '', name } = trigger.metadata;
    const observer = observerOf(TRIGGER, { namespace, name });
    marks.true('OIDCIdentityCreated', 'authentication-oidc feature disabled', '');
    this.#options.tracker.track(
      { ...BROKER, namespace: brokerNamespaceOf(trigger), name: brokerNameOf(trigger) },
      observer,
    );
    const broker = this.#brokerOf(trigger);
    if (!markBroker(broker, brokerNameOf(trigger), marks)) {
      // Its back-end may be another, or another one's, when it is Ready again.
      this.#made.delete(triggerKey(trigger));
      return;
    }
    const isDependencyReady = await this.#checkDependency(trigger, marks);
    const hasSubscriber = await this.#resolveSubscriber(trigger, status, marks, context);
    // The broker's sink stands in even where the trigger's `delivery` overrides the rest (contract §5.7).
    const hasSink = await resolveDeadLetterSink(
      this.#options.resolver,
      {
        sink: trigger.spec.delivery?.deadLetterSink,
        inherited: broker.status ?? {},
        namespace,
        observer,
        signal: context.signal,
      },
      status,
      marks,
    );
    if (isDependencyReady && hasSubscriber && hasSink) {
      await this.#subscribe(broker, trigger, marks, context);
    } else
      marks.unknown('SubscriptionReady', 'NotResolved', 'an address or a dependency is missing');
  }

  /** A broker that is gone took the subscriptions of its triggers with it. */
  async finalize(trigger: Trigger, { signal, logger }: ReconcileContext): Promise<void> {
    this.#made.delete(triggerKey(trigger));
    const broker = this.#brokerOf(trigger);
    if (broker === undefined || channelRefOf(broker) === undefined) return;
    const administration = this.#administrationOf(broker);
    const subscription = this.#subscriptionOf(broker, trigger);
    await this.#topology.remove({
      key: triggerKey(trigger),
      what: `subscription ${subscription.storageName ?? subscription.id}`,
      logger,
      run: administration && (() => administration.removeSubscription(subscription, { signal })),
    });
  }

  observeDeletion({ namespace = '', name }: ObjectKey): void {
    const key = `${namespace}/${name}`;
    this.#topology.forget(key);
    this.#made.delete(key);
  }

  /** Undefined where the broker's channel needs nothing but itself. */
  #administrationOf(broker: Broker | undefined): ReturnType<ProvisionFor> {
    const ref = broker === undefined ? undefined : channelRefOf(broker);
    return ref === undefined ? undefined : this.#options.provision(ref);
  }

  #subscriptionOf(broker: Broker, trigger: Trigger) {
    return this.#options.subscriptions.of(brokerFamily(broker) ?? 'channel', broker, trigger);
  }

  /** Marks SubscriptionReady once nothing that is published from then on misses the trigger. */
  async #subscribe(
    broker: Broker,
    trigger: Trigger,
    marks: Marks,
    { signal }: ReconcileContext,
  ): Promise<void> {
    const administration = this.#administrationOf(broker);
    if (administration === undefined) {
      marks.true('SubscriptionReady');
      return;
    }
    const subscription = this.#subscriptionOf(broker, trigger);
    const statusKey = STORAGE_NAME_STATUS[brokerFamily(broker) ?? 'channel'];
    if (statusKey !== undefined && subscription.storageName === undefined) {
      const message =
        'triggers-consumergroup-template of config-kafka-features wants a label or annotation that the trigger has not';
      marks.false('SubscriptionReady', 'NameImpossible', message);
      return;
    }
    const made = await this.#make(broker, trigger, () =>
      administration.ensureSubscription(subscription, { signal }),
    );
    if ('failure' in made) {
      const { reason, message, retryInMs } = made.failure;
      // Knative's controllers of Kafka and RabbitMQ say it as a dependency, those of channels as a Subscription.
      marks.false('SubscriptionReady', reason, message);
      if (statusKey !== undefined) marks.false('DependencyReady', reason, message);
      throw new RequeueAfter(retryInMs);
    }
    if (statusKey !== undefined && subscription.storageName !== undefined) {
      const status = (trigger.status ??= {});
      status.annotations = { ...status.annotations, [statusKey]: subscription.storageName };
    }
    marks.true('SubscriptionReady');
  }

  #brokerOf(trigger: Trigger): Broker | undefined {
    return this.#options.brokers.get(brokerNamespaceOf(trigger), brokerNameOf(trigger)) as
      Broker | undefined;
  }

  async #make(broker: Broker, trigger: Trigger, run: () => Promise<void>): Promise<Made<void>> {
    const key = triggerKey(trigger);
    const claim = JSON.stringify([channelRefOf(broker), broker.metadata.uid, trigger.metadata.uid]);
    if (this.#made.get(key) === claim) return { value: undefined };
    this.#made.delete(key);
    const made = await this.#topology.make(key, run);
    if ('value' in made) this.#made.set(key, claim);
    return made;
  }

  async #checkDependency(trigger: Trigger, marks: Marks): Promise<boolean> {
    const dependency = dependencyOf(trigger.metadata);
    if (dependency === undefined) {
      marks.true('DependencyReady');
      return true;
    }
    const { namespace = '', name } = trigger.metadata;
    const reference = {
      apiVersion: dependency.apiVersion ?? '',
      kind: dependency.kind ?? '',
      namespace,
      name: dependency.name ?? '',
    };
    trackKnown(this.#options, reference, observerOf(TRIGGER, { namespace, name }));
    const verdict = dependencyVerdict(reference, await this.#options.lookUp(reference));
    if (verdict.isReady) marks.true('DependencyReady');
    else if (verdict.status === 'False') {
      marks.false('DependencyReady', verdict.reason, verdict.message);
    } else marks.unknown('DependencyReady', verdict.reason, verdict.message);
    return verdict.isReady;
  }

  async #resolveSubscriber(
    trigger: Trigger,
    status: TriggerStatus,
    marks: Marks,
    context: ReconcileContext,
  ): Promise<boolean> {
    const { namespace = '', name } = trigger.metadata;
    const subscriber = trigger.spec.subscriber;
    try {
      const address = await this.#options.resolver.resolve(subscriber, {
        namespace,
        observer: observerOf(TRIGGER, { namespace, name }),
        signal: context.signal,
      });
      status.subscriberUri = address.url;
      if (address.caCerts === undefined) delete status.subscriberCACerts;
      else status.subscriberCACerts = address.caCerts;
      marks.true('SubscriberResolved');
      return true;
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      delete status.subscriberUri;
      delete status.subscriberCACerts;
      marks.false('SubscriberResolved', "Unable to get the Subscriber's URI", error.message);
      return false;
    }
  }
}

/** Marks BrokerReady; true when the trigger can go on (contract §2.2). */
function markBroker(broker: Broker | undefined, name: string, marks: Marks): broker is Broker {
  if (broker === undefined) {
    marks.false('BrokerReady', 'BrokerDoesNotExist', `Broker "${name}" does not exist`);
    return false;
  }
  const ready = MT_BROKER_CONDITIONS.happyCondition(broker.status);
  const { reason = '', message = '' } = ready ?? {};
  if (ready?.status === 'True') {
    if (channelRefOf(broker) === undefined) {
      marks.false(
        'BrokerReady',
        'MissingBrokerChannel',
        'the broker does not say which channel it uses',
      );
      return false;
    }
    marks.true('BrokerReady');
    return true;
  }
  if (ready?.status === 'False') marks.false('BrokerReady', reason, message);
  else marks.unknown('BrokerReady', reason === '' ? 'BrokerNotReconciled' : reason, message);
  return false;
}
