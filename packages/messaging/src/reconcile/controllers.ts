/** The controllers of this package, wired to each other through the store only. */
import { Controller, type Informer, type Reconciler } from '@afflux/control';
import type { ApiObject, Channel, Subscription } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';
import { CHANNEL, PARALLEL, SEQUENCE, SUBSCRIPTION } from '../model/kinds.ts';
import { ChannelReconciler } from './channel.ts';
import { ConcernedSubscriptions } from './channel-changes.ts';
import { channelKindReconciler } from './channel-kind.ts';
import { DEFAULT_CHANNEL_KINDS } from './channel-kinds.ts';
import { channelRules } from './channel-rules.ts';
import { concernsFace, concernsFlow, wakeOwners } from './child-changes.ts';
import { Children } from './children.ts';
import type { MessagingDependencies } from './dependencies.ts';
import { FlowChildren } from './flow-children.ts';
import { ParallelReconciler } from './parallel.ts';
import { SequenceReconciler } from './sequence.ts';
import { SubscriberLists } from './subscriber-lists.ts';
import { SubscriptionReconciler } from './subscription.ts';
import { ChannelSource } from './subscription-channel.ts';

/**
 * Runs side by side of the controller of Subscriptions. Most of them wait for their channel to be written, and
 * those that wait for the same channel are written together: more workers mean fewer writes.
 */
const SUBSCRIPTION_WORKERS = 64;

/**
 * One controller per kind: each of `channelKinds`, Channel, Subscription, Sequence, Parallel. They are independent of
 * each other: start and stop them in any order, in one process or several. `store`, `informers`, `tracker` and
 * `resolver` must be those of the same home.
 */
export function messagingControllers(deps: MessagingDependencies): Controller[] {
  const { channelKinds = DEFAULT_CHANNEL_KINDS, resolver } = deps;
  const children = new Children(deps);
  const flow = { defaults: deps, children: new FlowChildren(children, channelKinds) };
  const subscriptions = controllerOf<Subscription>(
    deps,
    'subscription',
    new SubscriptionReconciler({
      resolver,
      channels: new ChannelSource({ ...deps, channelKinds }),
      lists: new SubscriberLists(deps),
    }),
    SUBSCRIPTION_WORKERS,
  );
  const channel = controllerOf(
    deps,
    'channel',
    new ChannelReconciler({ defaults: deps, children, channelKinds }),
  );
  const sequence = controllerOf(deps, 'sequence', new SequenceReconciler(flow));
  const parallel = controllerOf(deps, 'parallel', new ParallelReconciler(flow));
  wakeSubscriptions(deps, subscriptions);
  for (const kind of [...channelKinds, SUBSCRIPTION]) {
    wakeOwners(deps.informers.get(kind), [
      { kind: CHANNEL, controller: channel, concerns: concernsFace },
      { kind: SEQUENCE, controller: sequence, concerns: concernsFlow },
      { kind: PARALLEL, controller: parallel, concerns: concernsFlow },
    ]);
  }
  const kinds = channelKinds.flatMap((kind) => {
    const rules = channelRules(kind);
    if (rules === undefined) return [];
    return [controllerOf(deps, kind.kind.toLowerCase(), channelKindReconciler(rules, deps))];
  });
  return [...kinds, channel, subscriptions, sequence, parallel] as unknown as Controller[];
}

function controllerOf<T extends ApiObject>(
  deps: MessagingDependencies,
  name: string,
  reconciler: Reconciler<T>,
  workers?: number,
): Controller<T> {
  const { store, informers, clock, logger, meter, random, tracker, events } = deps;
  return new Controller<T>({
    name,
    store,
    informer: informers.get<T>(reconciler.kind),
    reconciler,
    clock,
    logger,
    tracker,
    ...(meter === undefined ? {} : { meter }),
    ...(events === undefined ? {} : { events }),
    ...(random === undefined ? {} : { random }),
    ...(workers === undefined ? {} : { workers }),
  });
}

/** Follows the channels on behalf of their Subscriptions. The handlers end with the informers. */
function wakeSubscriptions(
  { informers, channelKinds = DEFAULT_CHANNEL_KINDS }: MessagingDependencies,
  controller: Controller<Subscription>,
): void {
  const concerned = new ConcernedSubscriptions(informers.get<Subscription>(SUBSCRIPTION));
  const enqueueAll = (keys: readonly string[]): void => {
    for (const key of keys) controller.enqueue(key);
  };
  informers.get<Channel>(CHANNEL).onChange((change) => {
    enqueueAll(concerned.byChannel(change));
  });
  for (const kind of channelKinds) {
    const informer: Informer<Channelable> = informers.get<Channelable>(kind);
    informer.onChange((change) => {
      enqueueAll(concerned.byChannelable(change));
    });
  }
}
