/**
 * The durable channel: a backlog per subscription on the disk, each event stored once. What it promises with a
 * publish is "committed and synced"; a crash after that loses nothing. What it keeps is bounded by retention, and
 * memory by the read-ahead of each subscription.
 *
 * Subscriptions are known by their ids for good: they are found again when the channel starts, and get every event
 * until somebody reads them, whose selector then decides what of it is wanted.
 */
import { strict as assert } from 'node:assert';
import {
  batchTooLarge,
  type Channel,
  channelClosed,
  type ChannelDescription,
  ChannelFull,
  type ChannelSubscription,
  type DeadLetters,
  type DriverContext,
  eventTooLarge,
  type KeptEvent,
  type PublishOptions,
  type ReadOptions,
  type SubscribeOptions,
  type SubscriptionClosed,
  type SubscriptionDescription,
  subscriptionUnknown,
} from '@afflux/channels';
import { ChannelTelemetry, Matcher, parseConfig, Waiters } from '@afflux/channels/driver';
import type { Trouble, Writer } from '@afflux/data-directory';
import type { CloudEvent } from '@afflux/events';
import { abortedError, BaseComponent, untilAborted } from '@afflux/kernel';
import { Backlog, type BacklogOwner } from './backlog.ts';
import type { ChannelState } from './channel-state.ts';
import { DURABLE_TYPE, type DurableConfig, durableConfigSchema } from './config.ts';
import { countLetters, DurableDeadLetters } from './dead-letters.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import { Fence, Note } from './fence.ts';
import { History } from './history.ts';
import { HistoryFill, UNKNOWN_END } from './history-fill.ts';
import { Housekeeping } from './housekeeping.ts';
import { openChannelState, readSubscriptions } from './open-channel.ts';
import { droppedKey, subscriptionCountersKey, subscriptionKey } from './keys.ts';
import { Publication, type PublicationOptions, type Target, unavailable } from './publication.ts';
import { NEW_SUBSCRIPTION, type SubscriptionRecord } from './records.ts';
import { Seen } from './seen.ts';
import { DurableSubscription, type SubscriptionHost } from './subscription.ts';

/** The largest event: it is copied once on its way in and once on its way out. */
export const EVENT_BYTES_MAX = 16 * 2 ** 20;

/** All events on their way to the disk, of all channels: beyond it producers wait. */
const PENDING_BYTES_MAX = 64 * 2 ** 20;

/** What a producer is told to wait then, in milliseconds. */
const RETRY_AFTER_MS = 1_000;

export interface DurableChannelOptions {
  readonly context: DriverContext;
  readonly config: DurableConfig;
  readonly openDirectory: () => ChannelDirectory;
}

/** What a started channel consists of. */
interface Parts {
  readonly state: ChannelState;
  readonly seen: Seen;
  readonly history: History;
  readonly housekeeping: Housekeeping;
}

export class DurableChannel
  extends BaseComponent
  implements Channel, BacklogOwner, SubscriptionHost
{
  readonly name: string;
  readonly deadLetters: DeadLetters;
  readonly #options: DurableChannelOptions;
  readonly #telemetry: ChannelTelemetry;
  readonly #backlogs = new Map<string, Backlog>();
  readonly #subscriptions = new Map<string, DurableSubscription>();
  /** Wishes of subscriptions made before the start. */
  readonly #wishes = new Map<string, SubscribeOptions<unknown>>();
  readonly #matcher = new Matcher<Backlog>(this.#backlogs);
  readonly #matched: Backlog[] = [];
  readonly #opened = new Waiters();
  readonly #quiet = new Waiters();
  readonly #closed = new AbortController();
  #parts: Parts | undefined;
  #readTrouble: string | undefined;
  #inFlight = 0;
  #unsettled = 0;
  #left: ChannelDescription | undefined;
  readonly #onTrouble = (trouble: Trouble | undefined): void => {
    if (trouble !== undefined) this.#telemetry.unavailable.add(1);
  };

  constructor(options: DurableChannelOptions) {
    super();
    this.name = options.context.name;
    this.#options = options;
    this.#telemetry = new ChannelTelemetry(options.context);
    this.deadLetters = new DurableDeadLetters(this);
  }

  /** @internal Throws unless the channel is started and not closed. */
  opened(): ChannelState {
    if (this.#parts === undefined || this.state === 'closed') {
      throw channelClosed(this.name, this.state);
    }
    return this.#parts.state;
  }

  get channelState(): ChannelState {
    assert(this.#parts !== undefined, 'the channel was started');
    return this.#parts.state;
  }

  protected override onStart(): Promise<void> {
    const { context, config, openDirectory } = this.#options;
    const directory = openDirectory();
    directory.listen(this.#onTrouble);
    const state = openChannelState({ context, config, directory, telemetry: this.#telemetry });
    const seen = new Seen(state.number);
    const housekeeping = new Housekeeping(state, {
      backlogs: this.#backlogs,
      seen,
      drop: (id) => this.#drop(id),
    });
    this.#parts = { state, seen, history: new History(state), housekeeping };
    for (const { number, record, counters } of readSubscriptions(state)) {
      const backlog = new Backlog(this, number, record, counters);
      backlog.look();
      this.#backlogs.set(record.id, backlog);
      if (record.history !== undefined) this.#fill(backlog);
    }
    for (const options of this.#wishes.values()) this.#attach(options);
    this.#wishes.clear();
    for (const subscription of this.#subscriptions.values()) subscription.bind();
    this.#matcher.invalidate();
    housekeeping.start();
    this.#opened.resolve(true);
    return Promise.resolve();
  }

  publish(events: readonly CloudEvent[], options: PublishOptions = {}): Promise<void> | undefined {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    const { signal, deduplicateMs } = options;
    if (signal?.aborted === true) throw abortedError(signal);
    if (events.length === 0) return undefined;
    const { seen } = this.#parts as Parts;
    const deduplicate = deduplicateMs === undefined ? undefined : { seen, windowMs: deduplicateMs };
    const targets = events.map((event) => this.#match(event));
    return this.#submit({ events, targets, deduplicate }, signal);
  }

  async publishTo(
    subscription: string,
    events: readonly CloudEvent[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    if (options.signal?.aborted === true) throw abortedError(options.signal);
    const backlog = this.#backlogs.get(subscription);
    if (backlog === undefined) throw subscriptionUnknown(this.name, subscription);
    if (events.length === 0) return;
    const targets = events.map(() => [{ backlog, isAsked: true }]);
    await this.#submit({ events, targets, isAddressed: true }, options.signal);
  }

  #match(event: CloudEvent): Target[] {
    const matched = this.#matched;
    this.#matcher.match(event, matched);
    const targets = matched.map((backlog) => ({ backlog, isAsked: backlog.hasReader }));
    matched.length = 0;
    return targets;
  }

  #submit(
    publication: Pick<PublicationOptions, 'events' | 'targets' | 'isAddressed' | 'deduplicate'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { state } = this.#parts as Parts;
    const { writer } = state.directory;
    if (writer.trouble !== undefined) throw unavailable(writer.trouble);
    const { events } = publication;
    const bytes = this.#bytesOf(events);
    if (writer.pendingBytes + bytes > PENDING_BYTES_MAX && writer.pendingBytes > 0) {
      this.#telemetry.refusedForMemory.add(events.length);
      throw new ChannelFull({ reason: 'memory', retryAfterMs: RETRY_AFTER_MS, subscriptions: [] });
    }
    this.#unsettled += events.length;
    const stored = new Promise<void>((resolve, reject) => {
      writer.submit(new Publication({ ...publication, state, bytes, resolve, reject }));
    }).finally(() => {
      this.#unsettled -= events.length;
      this.#parts?.housekeeping.look();
    });
    // An abort ends the wait, not the write.
    return untilAborted(stored, signal);
  }

  /** Their size together; throws when one of them, or all together, can never be stored. */
  #bytesOf(events: readonly CloudEvent[]): number {
    let bytes = 0;
    for (const { sizeBytes } of events) {
      bytes += sizeBytes;
      if (sizeBytes <= EVENT_BYTES_MAX) continue;
      this.#telemetry.tooLarge.add(events.length);
      throw eventTooLarge(sizeBytes, EVENT_BYTES_MAX, 'a durable channel');
    }
    if (bytes <= PENDING_BYTES_MAX) return bytes;
    this.#telemetry.tooLarge.add(events.length);
    throw batchTooLarge(events.length, bytes, 'a durable channel');
  }

  subscribe<P>(options: SubscribeOptions<P>): ChannelSubscription<P> {
    if (this.state === 'draining' || this.state === 'closed') {
      throw channelClosed(this.name, this.state);
    }
    // Progress goes in and out through the codec that comes with it.
    return this.#subscribe(options) as ChannelSubscription<P>;
  }

  #subscribe(options: SubscribeOptions<unknown>): DurableSubscription {
    const { id } = options;
    if (this.#parts === undefined) this.#wishes.set(id, options);
    else this.#attach(options);
    this.#matcher.invalidate();
    const open = this.#subscriptions.get(id);
    if (open !== undefined) return open;
    const subscription = new DurableSubscription(id, this, this.#whenReady(id));
    this.#subscriptions.set(id, subscription);
    return subscription;
  }

  /** Events wait for the subscription from the first moment; what it has is read a moment later. */
  async #whenReady(id: string): Promise<void> {
    if (this.#parts === undefined) await this.#opened.wait();
    const backlog = this.#backlogs.get(id);
    await backlog?.fill?.begun;
    await backlog?.idle();
  }

  #attach(options: SubscribeOptions<unknown>): void {
    const backlog = this.#backlogs.get(options.id) ?? this.#newBacklog(options);
    backlog.attach(options);
  }

  #newBacklog(options: SubscribeOptions<unknown>): Backlog {
    const { state, history } = this.#parts as Parts;
    const { id, from = 'latest' } = options;
    const next = from === 'latest' ? undefined : history.positionOf(from);
    const number = state.directory.newNumber();
    const record: SubscriptionRecord = {
      id,
      label: options.label ?? id,
      createdMs: state.clock.now(),
      ...(next === undefined ? {} : { history: { next, end: UNKNOWN_END } }),
    };
    const letters = countLetters(state, id);
    const backlog = new Backlog(this, number, record, { ...NEW_SUBSCRIPTION, letters });
    this.#backlogs.set(id, backlog);
    const { writer } = state.directory;
    writer.submit(
      new Note({
        write: () => {
          state.directory.writeNumbers();
        },
      }),
    );
    backlog.setRecord(record);
    if (next !== undefined) {
      backlog.look();
      this.#fill(backlog);
    }
    return backlog;
  }

  #fill(backlog: Backlog): void {
    backlog.fill = new HistoryFill(backlog);
    backlog.fill.submit();
  }

  backlogOf(id: string): Backlog | undefined {
    return this.#backlogs.get(id);
  }

  detach(id: string, drop: boolean): SubscriptionClosed {
    this.#subscriptions.delete(id);
    this.#wishes.delete(id);
    const backlog = this.#backlogs.get(id);
    if (backlog === undefined) return { kept: 0, dropped: 0 };
    if (drop) return { kept: 0, dropped: this.#drop(id) };
    backlog.detach();
    this.#matcher.invalidate();
    return { kept: backlog.counters.depth, dropped: 0 };
  }

  #drop(id: string): number {
    const backlog = this.#backlogs.get(id);
    if (backlog === undefined) return 0;
    const { state, housekeeping } = this.#parts as Parts;
    const { depth } = backlog.counters;
    backlog.isDropped = true;
    backlog.clear();
    this.#backlogs.delete(id);
    this.#matcher.invalidate();
    const { number } = backlog;
    state.directory.writer.submit(
      new Note({
        write: () => {
          const { meta } = state.tables;
          void meta.remove(subscriptionKey(state.number, number));
          void meta.remove(subscriptionCountersKey(number));
          for (const { number: entries } of backlog.lanes) {
            void meta.put(droppedKey(entries), Buffer.of(1));
          }
        },
        committed: () => {
          housekeeping.look();
        },
      }),
    );
    return depth;
  }

  read(options: ReadOptions): AsyncIterable<KeptEvent> {
    this.opened();
    return (this.#parts as Parts).history.read(options, this.#closed.signal);
  }

  wants(subscription: string, event: CloudEvent): boolean {
    return this.#backlogs.get(subscription)?.wants(event) ?? false;
  }

  reconfigure(config: unknown): void {
    const parsed = parseConfig(DURABLE_TYPE, durableConfigSchema, config);
    if (this.#parts === undefined) return;
    this.#parts.state.config = parsed;
    this.#parts.housekeeping.look();
  }

  describe(): ChannelDescription {
    return this.#left ?? this.#describe();
  }

  #describe(): ChannelDescription {
    const counters = this.#parts?.state.counters;
    const trouble = this.#trouble();
    return {
      name: this.name,
      type: DURABLE_TYPE,
      events: counters?.events ?? 0,
      bytes: counters?.bytes ?? 0,
      unsettled: this.#unsettled,
      subscriptions:
        this.#parts === undefined
          ? [...this.#wishes.keys()].map((id) => this.describeIdle(id))
          : [...this.#backlogs.values()].map((backlog) => backlog.describe()),
      ...(trouble === undefined ? {} : { trouble }),
    };
  }

  #trouble(): string | undefined {
    if (this.#parts === undefined) return undefined;
    const { directory, counters } = this.#parts.state;
    const { trouble } = directory.writer;
    if (trouble !== undefined) return trouble.message;
    if (this.#readTrouble !== undefined) return this.#readTrouble;
    if (counters.damaged === 0) return undefined;
    return `${String(counters.damaged)} damaged event(s) were taken out and kept aside: look at the disk`;
  }

  /** @internal A subscription of a channel that is not started. */
  describeIdle(id: string): SubscriptionDescription {
    const label = this.#wishes.get(id)?.label ?? id;
    const none = { depth: 0, overflow: 0, bytes: 0, oldestMs: 0, inFlight: 0 };
    return { id, label, attached: this.#wishes.has(id), ...none };
  }

  settled(options: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    if (this.state === 'closed' || this.#parts === undefined) {
      return Promise.resolve(this.#unsettled === 0);
    }
    const signals = [
      this.#closed.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ];
    const written = new Waiters();
    const answer = written.wait(AbortSignal.any(signals));
    const fence = new Fence(() => {
      written.resolve(true);
    });
    this.#parts.state.directory.writer.submit(fence);
    return answer;
  }

  /** @internal */
  get handsOut(): boolean {
    return this.state !== 'draining' && this.state !== 'closed';
  }

  /** @internal */
  get isReadable(): boolean {
    return this.state !== 'closed';
  }

  /** @internal */
  onInFlight(change: number): void {
    this.#inFlight += change;
    if (this.#inFlight === 0) this.#quiet.resolve(true);
  }

  /** @internal */
  onReadFailure(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#readTrouble = `the disk cannot be read: ${reason}`;
    this.#telemetry.unavailable.add(1);
    this.#options.context.logger.error({ err: error, channel: this.name }, 'disk cannot be read');
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    if (this.#inFlight === 0) return;
    if (!(await this.#quiet.wait(signal))) throw abortedError(signal);
  }

  protected override async onClose(): Promise<void> {
    this.#opened.resolve(false);
    if (this.#parts === undefined || this.#left !== undefined) return;
    const { state, housekeeping } = this.#parts;
    this.#left = this.#describe();
    housekeeping.stop();
    await flushed(state.directory.writer);
    this.#closed.abort();
    state.isClosed = true;
    state.directory.setOpen(state.number, false);
    state.directory.unlisten(this.#onTrouble);
    for (const backlog of this.#backlogs.values()) {
      backlog.isDropped = true;
      backlog.clear();
    }
    this.#quiet.resolve(true);
  }
}

/** What was submitted is durable, or there is trouble: then what was not written is done again after a restart. */
function flushed(writer: Writer): Promise<void> {
  if (writer.trouble !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    writer.submit(new Fence(resolve, resolve));
  });
}
