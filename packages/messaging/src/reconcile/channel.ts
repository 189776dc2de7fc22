/**
 * Channel: makes the channel that backs it, of the kind its template names, once and under its own name, and
 * shows that channel's address, subscribers and state as its own.
 *
 * The template's spec wins over `delivery`, field by field. A changed `delivery` reaches the backing channel in
 * place (Knative makes it immutable; design, decisions 15 and 19).
 */
import type { GroupVersionKind, ReconcileContext, Reconciler } from '@afflux/control';
import type { ApiObject, Channel, ChannelStatus, ChannelTemplate } from '@afflux/resources';
import { CHANNEL_CONDITIONS, findCondition, Marks } from '@afflux/resources';
import type { Channelable, ChannelableStatus } from '../model/channelable.ts';
import { clearDeliveryStatus, deliveryStatusOf } from '../model/channelable.ts';
import { CHANNEL } from '../model/kinds.ts';
import { servedTemplate } from './channel-kinds.ts';
import { channelFromTemplate, channelReference } from './child-objects.ts';
import { CHANNEL_FIELDS, type Children } from './children.ts';
import { type DefaultsSource, fillDefaults } from './defaults.ts';
import { attempt } from './mistakes.ts';

export interface ChannelReconcilerOptions {
  readonly defaults: DefaultsSource;
  readonly children: Children;
  readonly channelKinds: readonly GroupVersionKind[];
}

export class ChannelReconciler implements Reconciler<Channel> {
  readonly kind = CHANNEL;
  readonly conditions = CHANNEL_CONDITIONS;
  readonly #options: ChannelReconcilerOptions;

  constructor(options: ChannelReconcilerOptions) {
    this.#options = options;
  }

  prepare(channel: Channel): void {
    fillDefaults(channel, this.#options.defaults);
  }

  async reconcile(channel: Channel, context: ReconcileContext): Promise<void> {
    const status = (channel.status ??= {});
    const marks = new Marks(this.conditions, status, context.now());
    marks.eventPoliciesNotInUse();
    const backing = await this.#backingOf(channel, status, marks, context);
    if (backing === undefined) return;
    const { name, namespace } = channel.metadata;
    status.channel = channelReference(backing, name, namespace);
    copyReadiness(backing.status, marks);
    copyAddress(status, backing.status, marks);
    copySubscribers(status, backing.status);
    copyDeadLetterSink(status, backing, marks);
  }

  /** Undefined when there can be none; the conditions then say why. */
  async #backingOf(
    channel: Channel,
    status: ChannelStatus,
    marks: Marks,
    { signal }: ReconcileContext,
  ): Promise<Channelable | undefined> {
    return await attempt(
      async () => {
        const template = servedTemplate(channel.spec.channelTemplate, this.#options.channelKinds);
        return await this.#ensure(channel, template, signal);
      },
      (message) => {
        marks.false('BackingChannelReady', 'ChannelFailure', message);
        copyAddress(status, undefined, marks);
      },
    );
  }

  async #ensure(
    channel: Channel,
    template: ChannelTemplate,
    signal: AbortSignal,
  ): Promise<Channelable> {
    const { delivery } = channel.spec;
    const outline = channelFromTemplate(channel, template, {
      name: channel.metadata.name,
      ...(delivery === undefined ? {} : { defaults: { delivery } }),
    });
    const backing: ApiObject = await this.#options.children.ensure(
      channel,
      outline,
      CHANNEL_FIELDS,
      signal,
    );
    return backing as Channelable;
  }
}

function copyReadiness(backing: ChannelableStatus | undefined, marks: Marks): void {
  const type = 'BackingChannelReady';
  const ready = findCondition(backing, 'Ready');
  const { status, reason = '', message = '' } = ready ?? {};
  switch (status) {
    case 'True':
      marks.true(type);
      return;
    case 'False':
      marks.false(type, reason, message);
      return;
    case 'Unknown':
      marks.unknown(type, reason, message);
      return;
    case undefined:
      marks.unknown(
        type,
        'BackingChannelNotConfigured',
        'BackingChannel has not yet been reconciled.',
      );
  }
}

function copyAddress(
  status: ChannelStatus,
  backing: ChannelableStatus | undefined,
  marks: Marks,
): void {
  const { address, addresses } = backing ?? {};
  delete status.address;
  delete status.addresses;
  if (address !== undefined) status.address = { ...address };
  if (addresses !== undefined) status.addresses = addresses.map((entry) => ({ ...entry }));
  if ((address?.url ?? '') === '') {
    marks.false('Addressable', 'EmptyHostname', 'hostname is the empty string');
  } else marks.true('Addressable');
}

function copySubscribers(status: ChannelStatus, backing: ChannelableStatus | undefined): void {
  const { subscribers } = backing ?? {};
  if (subscribers === undefined) delete status.subscribers;
  else status.subscribers = subscribers.map((entry) => ({ ...entry }));
}

function copyDeadLetterSink(status: ChannelStatus, backing: Channelable, marks: Marks): void {
  const type = 'DeadLetterSinkResolved';
  clearDeliveryStatus(status);
  if (backing.spec?.delivery?.deadLetterSink === undefined) {
    marks.true(type, 'DeadLetterSinkNotConfigured', 'No dead letter sink is configured.');
    return;
  }
  if (backing.status?.deadLetterSinkUri === undefined) {
    const { name } = backing.metadata;
    marks.false(type, `Backing Channel ${name} didn't set status.deadLetterSinkURI`, '');
    return;
  }
  Object.assign(status, deliveryStatusOf(backing.status));
  marks.true(type);
}
