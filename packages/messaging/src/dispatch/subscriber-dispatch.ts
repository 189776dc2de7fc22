/**
 * One subscriber at work: its subscription of the channel, the flow that pulls from it and the courier that
 * delivers. All of them change in place, so that the backlog stays (design, decisions 13 and 19).
 *
 *     serving ─ leave ─▶ leaving (no new events, what is queued is still delivered) ─ serve ─▶ serving
 *        └──────────────────────┴─ remove ─▶ removed (attempts under way finish, the rest is dropped)
 */
import {
  type Capabilities,
  type Channel,
  type ChannelRef,
  type ChannelSubscription,
  type Selector,
  SubscriptionFlow,
} from '@afflux/channels';
import {
  Courier,
  decodeProgress,
  encodeProgress,
  notBeforeMs,
  overflowProgress,
  type Progress,
} from '@afflux/delivery';
import type { SubscriberSpec } from '@afflux/resources';
import { channelStorageName } from '../model/channel-backings.ts';
import { subscriptionOf } from '../model/subscriber.ts';
import type { ChannelDispatchOptions } from './dependencies.ts';
import {
  isSameContext,
  type RulesContext,
  subscriberRules,
  type SubscriberRules,
} from './subscriber-rules.ts';

export interface SubscriberDispatchOptions {
  readonly deps: ChannelDispatchOptions;
  readonly channel: Channel;
  readonly capabilities: Capabilities;
  readonly ref: ChannelRef;
  readonly id: string;
  readonly entry: SubscriberSpec;
  readonly context: RulesContext;
}

/** For a subscriber that gets no more events. */
const NOTHING: Selector = { select: () => undefined };

const CODEC = { encode: encodeProgress, decode: decodeProgress };

export class SubscriberDispatch {
  readonly id: string;
  /** `subscription:<name>.<namespace>`, as in metrics and spans (contract §7.2). */
  readonly label: string;
  readonly #options: SubscriberDispatchOptions;
  readonly #courier: Courier;
  readonly #flow: SubscriptionFlow<Progress>;
  #subscription: ChannelSubscription<Progress>;
  #entry: SubscriberSpec;
  #context: RulesContext;
  #rules: SubscriberRules;
  #isLeaving = false;
  #isForgotten = false;

  /** Throws like {@link subscriberRules}. */
  constructor(options: SubscriberDispatchOptions) {
    const { deps, entry, context, ref, capabilities } = options;
    const { clock, random, logger, meter, onStep } = deps;
    this.id = options.id;
    this.label = labelOf(options);
    this.#options = options;
    this.#entry = entry;
    this.#context = context;
    this.#rules = subscriberRules(entry, context);
    this.#courier = new Courier({
      sender: deps.sender,
      plan: this.#rules.plan,
      labels: {
        destination: this.label,
        channelName: ref.name,
        channelNamespace: context.namespace,
      },
      clock,
      random,
      logger,
      meter,
      tracer: deps.tracer,
      contextOf: (event) => event.carried,
    });
    this.#subscription = this.#subscribe();
    this.#flow = new SubscriptionFlow<Progress>({
      subscription: this.#subscription,
      handle: (event, progress, signal) => this.#courier.deliver(event, progress, signal),
      settings: this.#rules.flow,
      labels: {
        namespace: context.namespace,
        kind: ref.kind,
        name: ref.name,
        subscription: this.label,
      },
      clock,
      random,
      logger,
      meter,
      scheduler: deps.scheduler,
      ...(capabilities.delayed ? { notBefore: (event) => notBeforeMs(event, clock.now()) } : {}),
      onStep,
    });
  }

  /** What it serves now. */
  get entry(): SubscriberSpec {
    return this.#entry;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Resolves when every event published from then on reaches the subscriber. */
  async start(): Promise<void> {
    await this.#flow.start();
    await this.#subscription.ready;
  }

  /** Takes over an entry and what is around it. Throws like {@link subscriberRules}; all stays as it was then. */
  serve(entry: SubscriberSpec, context: RulesContext): void {
    const isSame = entry === this.#entry && isSameContext(context, this.#context);
    if (isSame && !this.#isLeaving) return;
    if (!isSame) this.#rules = subscriberRules(entry, context);
    this.#entry = entry;
    this.#context = context;
    this.#isLeaving = false;
    this.#subscription = this.#subscribe();
    this.#courier.plan = this.#rules.plan;
    this.#flow.settings = this.#rules.flow;
  }

  /** No further event is meant for it; what it has is still delivered. */
  leave(): void {
    this.#isLeaving = true;
    const { state } = this.#options.channel;
    // Its name may be another's by now.
    if (this.#isForgotten) return;
    // A channel that is going down takes no events, and no subscriptions either.
    if (state !== 'draining' && state !== 'closed') this.#subscription = this.#subscribe();
  }

  /**
   * Nothing further starts; attempts under way finish, or end with the signal. Then what is left is dropped:
   * resolves with its count.
   */
  async remove(signal?: AbortSignal): Promise<number> {
    this.leave();
    // A drain that is cut short leaves attempts to the close, which ends them.
    await this.drain(signal).catch(() => undefined);
    const { dropped } = this.#subscription.close({ drop: true });
    await this.#flow.close();
    return dropped;
  }

  /**
   * For one that is being removed: leaves the backlog to a successor with the same id, which may subscribe at
   * once. Attempts under way still finish.
   */
  handOver(): void {
    this.#isForgotten = true;
    this.#subscription.close();
  }

  /**
   * Drops the backlog at once, so that a successor with the same id begins with nothing: returns its count, events
   * under way included. Attempts under way still finish.
   */
  forget(): number {
    this.#isForgotten = true;
    return this.#subscription.close({ drop: true }).dropped;
  }

  /** Resolves when no attempt is under way; none is started any more. */
  drain(signal?: AbortSignal): Promise<void> {
    return this.#flow.drain(signal);
  }

  /** Ends at once, giving nothing up that the channel can keep. */
  async close(): Promise<void> {
    await this.#flow.close();
  }

  #subscribe(): ChannelSubscription<Progress> {
    const { bounds, overflowEventsMax, from } = this.#rules;
    const { clock } = this.#options.deps;
    const storageName = storageNameOf(this.#options);
    return this.#options.channel.subscribe<Progress>({
      id: this.id,
      ...(this.#isLeaving ? { selector: NOTHING } : {}),
      bounds,
      overflow:
        overflowEventsMax === undefined
          ? 'backpressure'
          : {
              deadLetter: () => overflowProgress(this.#rules.plan, clock.now()),
              eventsMax: overflowEventsMax,
            },
      codec: CODEC,
      ...(from === undefined ? {} : { from }),
      label: this.label,
      ...(storageName === undefined ? {} : { storageName }),
    });
  }
}

function labelOf({ entry, context, id }: SubscriberDispatchOptions): string {
  const { name, namespace } = subscriptionOf(entry, context.namespace) ?? {
    name: id,
    namespace: context.namespace,
  };
  return `subscription:${name}.${namespace}`;
}

/** What the back-end calls it; entries without a name have none there. */
function storageNameOf({ entry, ref }: SubscriberDispatchOptions): string | undefined {
  const { name = '' } = entry;
  if (name === '') return undefined;
  const { namespace, name: channel } = ref;
  return channelStorageName(ref.kind, { namespace, channel, subscription: name });
}
