/** Sequence: keeps its channels and Subscriptions as its steps say, and shows their state as its own. */
import type { ReconcileContext, Reconciler } from '@afflux/control';
import type { ApiObject, Sequence, SequenceStatus } from '@afflux/resources';
import { SEQUENCE_CONDITIONS, Marks } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';
import { SEQUENCE } from '../model/kinds.ts';
import { fillDefaults } from './defaults.ts';
import {
  CHANNELS_NOT_READY,
  type FlowReconcilerOptions,
  NO_ADDRESS,
  SUBSCRIPTIONS_NOT_READY,
} from './flow-children.ts';
import { channelEntry, subscriptionEntry } from './flow-status.ts';
import { attempt } from './mistakes.ts';
import { sequenceChildren } from './sequence-children.ts';

export class SequenceReconciler implements Reconciler<Sequence> {
  readonly kind = SEQUENCE;
  readonly conditions = SEQUENCE_CONDITIONS;
  readonly #options: FlowReconcilerOptions;

  constructor(options: FlowReconcilerOptions) {
    this.#options = options;
  }

  prepare(sequence: Sequence): void {
    fillDefaults(sequence, this.#options.defaults);
  }

  async reconcile(sequence: Sequence, context: ReconcileContext): Promise<void> {
    const { children } = this.#options;
    const { signal } = context;
    const status = (sequence.status ??= {});
    const marks = new Marks(this.conditions, status, context.now());
    marks.eventPoliciesNotInUse();

    const made = await attempt(
      async () => {
        const outline = sequenceChildren(sequence, children.templateOf(sequence));
        return { outline, channels: await children.channels(sequence, outline.channels, signal) };
      },
      (message) => {
        marks.unknown('ChannelsReady', CHANNELS_NOT_READY.reason, message);
      },
    );
    if (made === undefined) return;
    showChannels(status, made.channels, marks);

    const { outline } = made;
    const subscriptions = await attempt(
      () => children.subscriptions(sequence, outline.subscriptions, signal),
      (message) => {
        marks.unknown('SubscriptionsReady', SUBSCRIPTIONS_NOT_READY.reason, message);
      },
    );
    if (subscriptions === undefined) return;
    showSubscriptions(status, subscriptions, marks);

    await children.prune(sequence, [...outline.channels, ...outline.subscriptions], signal);
  }
}

/** Knative: a Sequence is as ready as its channels, and has the address of the first. */
function showChannels(
  status: SequenceStatus,
  channels: readonly Channelable[],
  marks: Marks,
): void {
  status.channelStatuses = channels.map((channel) => channelEntry(channel));
  const address = channels[0]?.status?.address;
  if (address?.url === undefined) {
    delete status.address;
    marks.unknown('Addressable', NO_ADDRESS.reason, NO_ADDRESS.message);
  } else {
    status.address = { ...address };
    marks.true('Addressable');
  }
  if (areReady(status.channelStatuses)) marks.true('ChannelsReady');
  else marks.unknown('ChannelsReady', CHANNELS_NOT_READY.reason, CHANNELS_NOT_READY.message);
}

function showSubscriptions(
  status: SequenceStatus,
  subscriptions: readonly ApiObject[],
  marks: Marks,
): void {
  status.subscriptionStatuses = subscriptions.map(subscriptionEntry);
  if (areReady(status.subscriptionStatuses)) marks.true('SubscriptionsReady');
  else {
    const { reason, message } = SUBSCRIPTIONS_NOT_READY;
    marks.unknown('SubscriptionsReady', reason, message);
  }
}

function areReady(entries: readonly { readonly ready: { readonly status: string } }[]): boolean {
  return entries.length > 0 && entries.every(({ ready }) => ready.status === 'True');
}
