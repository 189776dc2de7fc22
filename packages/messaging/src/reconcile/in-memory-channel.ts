/**
 * InMemoryChannel: says in the status where the channel is and what it makes of its subscribers.
 *
 * The process that reconciles is the one that dispatches, so the conditions about a dispatcher's Deployment,
 * Service and endpoints hold as soon as anybody can read them. The data plane follows the same object by
 * itself and needs nothing from here but the resolved dead letter sink.
 */
import { AddressError, observerOf } from '@afflux/control';
import type { ReconcileContext, Reconciler } from '@afflux/control';
import type {
  InMemoryChannel,
  InMemoryChannelStatus,
  SubscriberSpec,
  SubscriberStatus,
} from '@afflux/resources';
import { IN_MEMORY_CHANNEL_CONDITIONS, Marks } from '@afflux/resources';
import { clearDeliveryStatus } from '../model/channelable.ts';
import { IN_MEMORY_CHANNEL } from '../model/kinds.ts';
import { deliveryProblem } from '../model/subscriber.ts';
import { deliveryStatusFrom } from './addresses.ts';
import type { MessagingDependencies } from './dependencies.ts';

type Dependencies = Pick<MessagingDependencies, 'resolver' | 'addresses'>;

/** True as long as this process runs. */
const DISPATCHER_CONDITIONS = [
  'DispatcherReady',
  'ServiceReady',
  'EndpointsReady',
  'ChannelServiceReady',
] as const;

export class InMemoryChannelReconciler implements Reconciler<InMemoryChannel> {
  readonly kind = IN_MEMORY_CHANNEL;
  readonly conditions = IN_MEMORY_CHANNEL_CONDITIONS;
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  async reconcile(channel: InMemoryChannel, context: ReconcileContext): Promise<void> {
    const status = (channel.status ??= {});
    const marks = new Marks(this.conditions, status, context.now());
    for (const type of DISPATCHER_CONDITIONS) marks.true(type);
    marks.eventPoliciesNotInUse();
    const { namespace = '', name } = channel.metadata;
    status.address = { name: 'http', url: this.#deps.addresses.channelUrl(namespace, name) };
    marks.true('Addressable');
    setSubscribers(status, channel.spec.subscribers ?? []);
    await this.#resolveDeadLetterSink(channel, status, marks, context.signal);
  }

  async #resolveDeadLetterSink(
    channel: InMemoryChannel,
    status: InMemoryChannelStatus,
    marks: Marks,
    signal: AbortSignal,
  ): Promise<void> {
    clearDeliveryStatus(status);
    const sink = channel.spec.delivery?.deadLetterSink;
    if (sink === undefined) {
      marks.true(
        'DeadLetterSinkResolved',
        'DeadLetterSinkNotConfigured',
        'No dead letter sink is configured.',
      );
      return;
    }
    const { namespace } = channel.metadata;
    const observer = observerOf(this.kind, channel.metadata);
    try {
      const address = await this.#deps.resolver.resolve(sink, { namespace, observer, signal });
      Object.assign(status, deliveryStatusFrom(address));
      marks.true('DeadLetterSinkResolved');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      marks.false('DeadLetterSinkResolved', "Unable to get the DeadLetterSink's URI", message);
      // What it depends on is tracked; anything but a missing address is worth another try.
      if (!(error instanceof AddressError)) throw error;
    }
  }
}

function setSubscribers(
  status: InMemoryChannelStatus,
  subscribers: readonly SubscriberSpec[],
): void {
  if (subscribers.length === 0) delete status.subscribers;
  else status.subscribers = subscribers.map(subscriberStatus);
}

function subscriberStatus(entry: SubscriberSpec): SubscriberStatus {
  const problem = deliveryProblem(entry);
  return {
    ...(entry.uid === undefined ? {} : { uid: entry.uid }),
    ...(entry.generation === undefined ? {} : { observedGeneration: entry.generation }),
    ...(problem === undefined ? { ready: 'True' } : { ready: 'False', message: problem }),
  };
}
