/** Parallel: keeps the channels and Subscriptions of its branches, and shows their state as its own. */
import type { ReconcileContext, Reconciler } from '@afflux/control';
import type { ApiObject, Condition, Parallel, ParallelStatus } from '@afflux/resources';
import { PARALLEL_CONDITIONS, Marks } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';
import { PARALLEL } from '../model/kinds.ts';
import { fillDefaults } from './defaults.ts';
import {
  CHANNELS_NOT_READY,
  type FlowReconcilerOptions,
  NO_ADDRESS,
  SUBSCRIPTIONS_NOT_READY,
} from './flow-children.ts';
import { channelEntry, subscriptionEntry } from './flow-status.ts';
import { attempt } from './mistakes.ts';
import { parallelChildren, type ParallelOutline } from './parallel-children.ts';

type BranchStatus = NonNullable<ParallelStatus['branchStatuses']>[number];

/** The channels of a Parallel as they are. */
interface ParallelChannels {
  readonly ingress: Channelable;
  readonly branches: readonly Channelable[];
}

export class ParallelReconciler implements Reconciler<Parallel> {
  readonly kind = PARALLEL;
  readonly conditions = PARALLEL_CONDITIONS;
  readonly #options: FlowReconcilerOptions;

  constructor(options: FlowReconcilerOptions) {
    this.#options = options;
  }

  prepare(parallel: Parallel): void {
    fillDefaults(parallel, this.#options.defaults);
  }

  async reconcile(parallel: Parallel, context: ReconcileContext): Promise<void> {
    const { children } = this.#options;
    const { signal } = context;
    const status = (parallel.status ??= {});
    const marks = new Marks(this.conditions, status, context.now());
    marks.eventPoliciesNotInUse();

    const made = await attempt(
      async () => {
        const outline = parallelChildren(parallel, children.templateOf(parallel));
        return { outline, channels: await this.#channels(parallel, outline, signal) };
      },
      (message) => {
        marks.false('ChannelsReady', CHANNELS_NOT_READY.reason, message);
      },
    );
    if (made === undefined) return;
    const { outline, channels } = made;
    showChannels(status, channels, marks);

    const wanted = [...outline.filters, ...outline.subscriptions];
    const subscriptions = await attempt(
      () => children.subscriptions(parallel, wanted, signal),
      (message) => {
        marks.false('SubscriptionsReady', SUBSCRIPTIONS_NOT_READY.reason, message);
      },
    );
    if (subscriptions === undefined) return;
    showBranches(status, channels.branches, subscriptions, marks);

    await children.prune(parallel, [outline.ingress, ...outline.channels, ...wanted], signal);
  }

  async #channels(
    parallel: Parallel,
    outline: ParallelOutline,
    signal: AbortSignal,
  ): Promise<ParallelChannels> {
    const all = [outline.ingress, ...outline.channels];
    const [ingress, ...branches] = await this.#options.children.channels(parallel, all, signal);
    if (ingress === undefined) throw new TypeError('the ingress channel was not made');
    return { ingress, branches };
  }
}

/** Knative: a channel counts as ready here as soon as it has an address. */
function addressCondition(channel: Channelable): Condition {
  if (channel.status?.address !== undefined) return { type: 'Ready', status: 'True' };
  return {
    type: 'Ready',
    status: 'False',
    reason: 'NotAddressable',
    message: 'Channel is not addressable',
  };
}

function showChannels(
  status: ParallelStatus,
  { ingress, branches }: ParallelChannels,
  marks: Marks,
): void {
  const conditions = [ingress, ...branches].map(addressCondition);
  status.ingressChannelStatus = channelEntry(ingress, addressCondition(ingress));
  const address = ingress.status?.address;
  if (address === undefined) {
    delete status.address;
    marks.false('Addressable', NO_ADDRESS.reason, NO_ADDRESS.message);
  } else {
    status.address = { ...address };
    marks.true('Addressable');
  }
  if (conditions.every((condition) => condition.status === 'True')) marks.true('ChannelsReady');
  else marks.false('ChannelsReady', CHANNELS_NOT_READY.reason, CHANNELS_NOT_READY.message);
}

/** `subscriptions` are first the filters, then the branches' own, as many of each as there are branches. */
function showBranches(
  status: ParallelStatus,
  channels: readonly Channelable[],
  subscriptions: readonly ApiObject[],
  marks: Marks,
): void {
  status.branchStatuses = channels.flatMap((channel, index): BranchStatus[] => {
    const filter = subscriptions[index];
    const own = subscriptions[channels.length + index];
    if (filter === undefined || own === undefined) return [];
    return [
      {
        filterSubscriptionStatus: subscriptionEntry(filter),
        filterChannelStatus: channelEntry(channel, addressCondition(channel)),
        subscriberSubscriptionStatus: subscriptionEntry(own),
      },
    ];
  });
  const areReady = status.branchStatuses.every(
    ({ filterSubscriptionStatus, subscriberSubscriptionStatus }) =>
      filterSubscriptionStatus.ready.status === 'True' &&
      subscriberSubscriptionStatus.ready.status === 'True',
  );
  if (areReady && channels.length > 0) marks.true('SubscriptionsReady');
  else {
    const { reason, message } = SUBSCRIPTIONS_NOT_READY;
    marks.false('SubscriptionsReady', reason, message);
  }
}
