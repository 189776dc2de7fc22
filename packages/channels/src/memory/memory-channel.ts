/**
 * The memory channel: a bounded backlog per subscription, each event stored once. What it promises with a
 * publish is "placed in the queue of every subscription that wants it", which it keeps before `publish`
 * returns; a crash, or `close` with a backlog, loses what is queued, and `describe` says how much that is.
 *
 * Accounting: an event counts in the depth and bytes of each subscription until that subscription has done
 * with it, and once in the memory budget until the last one has. All counts return to zero.
 */
import { strict as assert } from 'node:assert';
import type { CloudEvent } from '@afflux/events';
import { abortedError, BaseComponent, type Clock, type Logger } from '@afflux/kernel';
import type {
  Channel,
  ChannelDescription,
  ChannelSubscription,
  PublishOptions,
  SubscribeOptions,
  SubscriptionClosed,
} from '../channel.ts';
import type { DriverContext } from '../driver.ts';
import { channelClosed, unsupported } from '../errors.ts';
import { ChannelTelemetry } from '../telemetry.ts';
import { Waiters } from '../waiters.ts';
import { Backlog, type BacklogOwner } from './backlog.ts';
import type { BudgetAccount } from './budget.ts';
import { Matcher } from '../matcher.ts';
import { MemorySubscription, type SubscriptionHost } from './memory-subscription.ts';
import { Placement, type RetryAfterBounds } from './placement.ts';
import { budgetBytes, type StoredEvent } from './stored-event.ts';

export const MEMORY_TYPE = 'memory';

export interface MemoryChannelOptions {
  readonly context: DriverContext;
  readonly account: BudgetAccount;
  readonly retryAfter: RetryAfterBounds;
}

export class MemoryChannel
  extends BaseComponent
  implements Channel, BacklogOwner, SubscriptionHost
{
  readonly name: string;
  readonly telemetry: ChannelTelemetry;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #account: BudgetAccount;
  readonly #backlogs = new Map<string, Backlog>();
  readonly #subscriptions = new Map<string, MemorySubscription>();
  readonly #matcher = new Matcher<Backlog>(this.#backlogs);
  readonly #placement: Placement;
  readonly #emptied = new Waiters();
  readonly #quiet = new Waiters();
  readonly #store: (event: CloudEvent) => number;
  #position = 0;
  #events = 0;
  #bytes = 0;
  #inFlight = 0;
  #isPublishing = false;
  #left: ChannelDescription | undefined;

  constructor({ context, account, retryAfter }: MemoryChannelOptions) {
    super();
    this.name = context.name;
    this.telemetry = new ChannelTelemetry(context);
    this.#clock = context.clock;
    this.#logger = context.logger;
    this.#account = account;
    this.#placement = new Placement({
      matcher: this.#matcher,
      account,
      telemetry: this.telemetry,
      retryAfter,
    });
    this.#store = (event) => {
      this.#events += 1;
      this.#bytes += event.sizeBytes;
      this.#position += 1;
      return this.#position;
    };
  }

  /** Always returns undefined: the promise is kept. */
  publish(events: readonly CloudEvent[], options?: PublishOptions): undefined {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    if (options?.signal?.aborted === true) throw abortedError(options.signal);
    if (options?.deduplicateMs !== undefined) {
      throw unsupported(MEMORY_TYPE, 'deduplicates', 'suppress duplicates');
    }
    assert(!this.#isPublishing, 'a selector or a reader called publish from within publish');
    this.#isPublishing = true;
    try {
      const nowMs = this.#clock.monotonicMs();
      this.#placement.plan(events, nowMs);
      this.#placement.commit(events, nowMs, this.#store);
      this.telemetry.accepted.add(events.length);
      this.#placement.announce();
    } finally {
      this.#isPublishing = false;
    }
  }

  subscribe<P>(options: SubscribeOptions<P>): ChannelSubscription<P> {
    if (this.state === 'draining' || this.state === 'closed') {
      throw channelClosed(this.name, this.state);
    }
    if (options.from !== undefined && options.from !== 'latest') {
      throw unsupported(MEMORY_TYPE, 'replayable', 'begin before now');
    }
    // Progress goes in and out unchanged: whoever subscribes with an id gets back what it gave.
    return this.#subscribe(options) as ChannelSubscription<P>;
  }

  #subscribe(options: SubscribeOptions<unknown>): MemorySubscription {
    const backlog = this.#backlogFor(options);
    backlog.isAttached = true;
    this.#matcher.invalidate();
    const open = this.#subscriptions.get(options.id);
    if (open !== undefined) return open;
    const subscription = new MemorySubscription(backlog, this);
    this.#subscriptions.set(options.id, subscription);
    return subscription;
  }

  #backlogFor(options: SubscribeOptions<unknown>): Backlog {
    const existing = this.#backlogs.get(options.id);
    if (existing !== undefined) {
      existing.configure(options);
      return existing;
    }
    const backlog = new Backlog(options, this, this.#clock);
    this.#backlogs.set(options.id, backlog);
    return backlog;
  }

  describe(): ChannelDescription {
    return this.#left ?? this.#describe();
  }

  #describe(): ChannelDescription {
    return {
      name: this.name,
      type: MEMORY_TYPE,
      events: this.#events,
      bytes: this.#bytes,
      unsettled: this.#events,
      subscriptions: [...this.#backlogs.values()].map((backlog) => backlog.describe()),
    };
  }

  settled(options?: { readonly signal?: AbortSignal }): Promise<boolean> {
    if (this.state === 'closed') return Promise.resolve(this.describe().events === 0);
    if (this.#events === 0) return Promise.resolve(true);
    return this.#emptied.wait(options?.signal);
  }

  /** @internal */
  get handsOut(): boolean {
    return this.state !== 'draining' && this.state !== 'closed';
  }

  /** @internal */
  detach(backlog: Backlog, drop: boolean): SubscriptionClosed {
    this.#subscriptions.delete(backlog.id);
    backlog.isAttached = false;
    backlog.onReadableCallback = undefined;
    this.#matcher.invalidate();
    if (!drop && backlog.depth > 0) return { kept: backlog.depth, dropped: 0 };
    this.#backlogs.delete(backlog.id);
    return { kept: 0, dropped: backlog.drop() };
  }

  /** @internal */
  onFinished(stored: StoredEvent): void {
    stored.claims -= 1;
    if (stored.claims > 0) return;
    this.#events -= 1;
    this.#bytes -= stored.event.sizeBytes;
    this.#account.give(budgetBytes(stored.event));
    if (this.#events === 0) this.#emptied.resolve(true);
  }

  /** @internal */
  onInFlight(change: number): void {
    this.#inFlight += change;
    if (this.#inFlight === 0) this.#quiet.resolve(true);
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    if (this.#inFlight === 0) return;
    if (!(await this.#quiet.wait(signal))) throw abortedError(signal);
  }

  protected override onClose(): Promise<void> {
    // Called again when close overtook start: nothing is left to describe by then.
    if (this.#left !== undefined) return Promise.resolve();
    const left = this.#describe();
    this.#left = left;
    this.#emptied.resolve(left.events === 0);
    for (const backlog of this.#backlogs.values()) backlog.drop();
    this.#backlogs.clear();
    this.#subscriptions.clear();
    this.#matcher.invalidate();
    if (left.events > 0) {
      const subscriptions = left.subscriptions.filter(
        ({ depth, overflow }) => depth + overflow > 0,
      );
      this.#logger.warn(
        { channel: this.name, events: left.events, subscriptions },
        'memory channel closed with events left',
      );
    }
    return Promise.resolve();
  }
}
