/**
 * Makes a Trigger ready: its broker is there and Ready, what it depends on is Ready, its subscriber and dead
 * letter sink have addresses. The data plane follows the status that is written here.
 */
import {
  AddressError,
  observerOf,
  type AddressResolver,
  type Informer,
  type ReconcileContext,
  type Reconciler,
  type Tracker,
} from '@afflux/control';
import {
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  dependencyOf,
  MT_BROKER_CLASS,
  MT_BROKER_CONDITIONS,
  TRIGGER_CONDITIONS,
  type Broker,
  type KindRegistry,
  type Trigger,
  type TriggerStatus,
  Marks,
} from '@afflux/resources';
import { BROKER, TRIGGER } from '../model/kinds.ts';
import { brokerNameOf, brokerNamespaceOf } from '../model/trigger-view.ts';
import { resolveDeadLetterSink } from './dead-letter-sink.ts';
import { dependencyVerdict, trackKnown, type LookUp } from './dependency.ts';

export interface TriggerReconcilerOptions {
  readonly brokers: Informer;
  readonly registry: Pick<KindRegistry, 'get'>;
  readonly resolver: AddressResolver;
  readonly tracker: Tracker;
  /** Reads any object by reference; undefined when it is not there or its kind is unknown. */
  readonly lookUp: LookUp;
}

export class TriggerReconciler implements Reconciler<Trigger> {
  readonly kind = TRIGGER;
  readonly conditions = TRIGGER_CONDITIONS;
  readonly #options: TriggerReconcilerOptions;

  constructor(options: TriggerReconcilerOptions) {
    this.#options = options;
  }

  /** A trigger of another class's broker belongs to another controller; one without a broker is ours to report. */
  accepts(trigger: Trigger): boolean {
    const broker = this.#brokerOf(trigger);
    return broker === undefined || broker.metadata.annotations?.[BROKER_CLASS] === MT_BROKER_CLASS;
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
    if (!markBroker(broker, brokerNameOf(trigger), marks)) return;
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
    if (isDependencyReady && hasSubscriber && hasSink) marks.true('SubscriptionReady');
    else marks.unknown('SubscriptionReady', 'NotResolved', 'an address or a dependency is missing');
  }

  #brokerOf(trigger: Trigger): Broker | undefined {
    return this.#options.brokers.get(brokerNamespaceOf(trigger), brokerNameOf(trigger)) as
      Broker | undefined;
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
    if (broker.status?.annotations?.[BROKER_CHANNEL_STATUS.name] === undefined) {
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
