/**
 * Makes a Broker of class MTChannelBasedBroker real: one channel of the configured kind that carries its
 * events, a resolved dead letter sink, and an address. In one process ingress and filter are always there, so
 * their conditions are True; what they depend on is said by the others.
 */
import {
  isNotFound,
  observerOf,
  type AddressResolver,
  type ReconcileContext,
  type Reconciler,
  type ResourceStore,
  type Tracker,
} from '@afflux/control';
import {
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  MT_BROKER_CLASS,
  MT_BROKER_CONDITIONS,
  type ApiObject,
  type Broker,
  type BrokerStatus,
  type ChannelTemplate,
  type KindRegistry,
  Marks,
} from '@afflux/resources';
import { BROKER, triggerChannelName } from '../model/kinds.ts';
import { resolveBrokerSink, setBrokerAddress, type BrokerUrl } from './broker-address.ts';
import { desiredChannel, isUpToDate, mergePatch } from './broker-channel.ts';
import { readChannelTemplate } from './channel-template.ts';

export interface BrokerReconcilerOptions {
  readonly store: ResourceStore;
  readonly registry: Pick<KindRegistry, 'get'>;
  readonly resolver: AddressResolver;
  readonly tracker: Tracker;
  /** Kinds that a broker can stand on here. */
  readonly channelKinds: readonly string[];
  /** Address that works from where the user is. */
  readonly brokerUrl: BrokerUrl;
}

export class BrokerReconciler implements Reconciler<Broker> {
  readonly kind = BROKER;
  readonly conditions = MT_BROKER_CONDITIONS;
  readonly #options: BrokerReconcilerOptions;

  constructor(options: BrokerReconcilerOptions) {
    this.#options = options;
  }

  accepts(broker: Broker): boolean {
    return broker.metadata.annotations?.[BROKER_CLASS] === MT_BROKER_CLASS;
  }

  async reconcile(broker: Broker, context: ReconcileContext): Promise<void> {
    const status = (broker.status ??= {});
    const marks = new Marks(MT_BROKER_CONDITIONS, status, context.now());
    marks.true('IngressReady');
    marks.true('FilterReady');
    marks.true(
      'EventPoliciesReady',
      'OIDCDisabled',
      'no policies apply: authentication is disabled',
    );
    const hasChannel = await this.#reconcileChannel(broker, status, marks, context);
    const { resolver, brokerUrl } = this.#options;
    const hasSink = await resolveBrokerSink(resolver, broker, { status, marks, context });
    // Without a channel the condition stays Unknown: Ready then says what is wrong with the channel.
    if (hasChannel) setBrokerAddress(broker, { status, marks, hasSink, brokerUrl });
  }

  async #reconcileChannel(
    broker: Broker,
    status: BrokerStatus,
    marks: Marks,
    context: ReconcileContext,
  ): Promise<boolean> {
    const { channelKinds } = this.#options;
    this.#trackConfig(broker);
    const result = await readChannelTemplate(this.#options.store, broker, {
      signal: context.signal,
    });
    if ('problem' in result) {
      marks.false('TriggerChannelReady', 'ChannelTemplateFailed', result.problem);
      return false;
    }
    const { template } = result;
    if (!channelKinds.includes(template.kind) || this.#isUnknown(template)) {
      marks.false(
        'TriggerChannelReady',
        'ChannelTemplateFailed',
        `channel kind ${template.kind} (${template.apiVersion}) is not available here: use ${channelKinds.join(' or ')}`,
      );
      return false;
    }
    const channel = await this.#ensureChannel(broker, template, marks, context);
    return channel !== undefined && this.#useChannel(channel, status, marks);
  }

  #isUnknown(template: ChannelTemplate): boolean {
    return this.#options.registry.get(template.apiVersion, template.kind) === undefined;
  }

  /** A changed ConfigMap or channel brings this broker back. */
  #trackConfig(broker: Broker): void {
    const { namespace = '', name } = broker.metadata;
    const { config } = broker.spec;
    if (config?.apiVersion === undefined) return;
    // A kind that is not known here cannot be watched, and it is no ConfigMap anyway.
    if (this.#options.registry.get(config.apiVersion, config.kind) === undefined) return;
    this.#options.tracker.track(
      {
        apiVersion: config.apiVersion,
        kind: config.kind,
        namespace: config.namespace ?? namespace,
        name: config.name,
      },
      observerOf(BROKER, { namespace, name }),
    );
  }

  async #ensureChannel(
    broker: Broker,
    template: ChannelTemplate,
    marks: Marks,
    context: ReconcileContext,
  ): Promise<ApiObject | undefined> {
    const { store, tracker } = this.#options;
    const { namespace = '', name, uid } = broker.metadata;
    const desired = desiredChannel(broker, template);
    const key = { namespace, name: triggerChannelName(name) };
    tracker.track(
      { ...key, apiVersion: template.apiVersion, kind: template.kind },
      observerOf(BROKER, { namespace, name }),
    );
    const options = { signal: context.signal, fieldManager: 'controller' };
    let existing: ApiObject;
    try {
      existing = await store.get(template, key, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return store.create(desired, options);
    }
    if (!existing.metadata.ownerReferences?.some((owner) => owner.uid === uid)) {
      marks.false(
        'TriggerChannelReady',
        'ChannelFailure',
        `${template.kind} "${namespace}/${key.name}" exists and is not owned by this broker: rename or delete it`,
      );
      return undefined;
    }
    if (isUpToDate(existing, desired)) return existing;
    return store.patch(
      template,
      key,
      { type: 'merge', body: mergePatch(existing, desired) },
      options,
    );
  }

  /** The broker needs the channel's address; whether the channel is Ready is not consulted (contract §2.1). */
  #useChannel(channel: ApiObject, status: BrokerStatus, marks: Marks): boolean {
    const url = (channel.status as { address?: { url?: string } } | undefined)?.address?.url;
    if (url === undefined) {
      marks.false('TriggerChannelReady', 'NoAddress', 'the channel has no address yet');
      return false;
    }
    status.annotations = {
      ...status.annotations,
      [BROKER_CHANNEL_STATUS.address]: url,
      [BROKER_CHANNEL_STATUS.apiVersion]: channel.apiVersion,
      [BROKER_CHANNEL_STATUS.kind]: channel.kind,
      [BROKER_CHANNEL_STATUS.name]: channel.metadata.name,
    };
    marks.true('TriggerChannelReady');
    return true;
  }
}
