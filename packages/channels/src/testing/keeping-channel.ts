/** A channel over a {@link KeepingStore}, and its subscriptions. */
import { setMaxListeners } from 'node:events';
import type { CloudEvent } from '@afflux/events';
import { abortedError, BaseComponent } from '@afflux/kernel';
import { Alarm } from '../alarm.ts';
import type {
  Channel,
  ChannelDescription,
  ChannelSubscription,
  DeadLetterListOptions,
  DeadLetterPage,
  DeadLetters,
  Delivery,
  KeptEvent,
  PublishOptions,
  ReadOptions,
  StartAt,
  SubscribeOptions,
  SubscriptionClosed,
  SubscriptionDescription,
} from '../channel.ts';
import type { DriverContext } from '../driver.ts';
import { channelClosed, eventTooLarge, outcomeUnknown, positionInvalid } from '../errors.ts';
import { isWanted } from '../matcher.ts';
import { ChannelTelemetry } from '../telemetry.ts';
import { Waiters } from '../waiters.ts';
import { KEEPING_CAPABILITIES, KEEPING_TYPE, type KeepingConfig } from './keeping-config.ts';
import type { Entry, Kept, KeepingStore, StoredSubscription } from './keeping-store.ts';

const ANSWER_MS_MAX = 5_000;

export class KeepingChannel extends BaseComponent implements Channel {
  readonly name: string;
  readonly store: KeepingStore;
  readonly context: DriverContext;
  readonly telemetry: ChannelTelemetry;
  readonly quiet = new Waiters();
  readonly deadLetters: DeadLetters;
  readonly #config: KeepingConfig;
  readonly #handles = new Map<string, KeepingSubscription>();
  readonly #retention: Alarm;
  readonly #onChange = (): void => {
    this.quiet.resolve(true);
    for (const handle of this.#handles.values()) handle.wake();
  };
  #left: ChannelDescription | undefined;

  constructor(context: DriverContext, store: KeepingStore, config: KeepingConfig) {
    super();
    this.name = context.name;
    this.context = context;
    this.store = store;
    this.telemetry = new ChannelTelemetry(context);
    this.#config = config;
    this.#retention = new Alarm(context.clock, () => {
      this.#forget();
    });
    this.deadLetters = new KeptLetters(this);
  }

  get nowMs(): number {
    return this.context.clock.now();
  }

  async publish(events: readonly CloudEvent[], options: PublishOptions = {}): Promise<void> {
    this.#admit(events, options.signal);
    const duplicates = this.store.publish(events, this.nowMs, options.deduplicateMs);
    await this.#answer();
    this.telemetry.accepted.add(events.length);
    this.telemetry.duplicates.add(duplicates);
    this.#forget();
  }

  async publishTo(
    subscription: string,
    events: readonly CloudEvent[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    this.#admit(events, options.signal);
    this.store.publishTo(subscription, events, this.nowMs);
    await this.#answer();
  }

  #admit(events: readonly CloudEvent[], signal: AbortSignal | undefined): void {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    if (signal?.aborted === true) throw abortedError(signal);
    const { maxEventBytes } = KEEPING_CAPABILITIES;
    for (const { sizeBytes } of events) {
      if (sizeBytes <= maxEventBytes) continue;
      this.telemetry.tooLarge.add();
      throw eventTooLarge(sizeBytes, maxEventBytes, 'the channel');
    }
  }

  async #answer(): Promise<void> {
    if (!this.store.isCut) return;
    this.telemetry.unavailable.add();
    this.context.logger.warn({ channel: this.name }, 'store does not answer');
    await this.context.clock.sleep(ANSWER_MS_MAX);
    throw outcomeUnknown('the store did not answer');
  }

  #forget(): void {
    const { ageMsMax, bytesMax } = this.#config;
    const lost = this.store.forget(
      ({ acceptedMs }, bytes) =>
        (ageMsMax !== undefined && acceptedMs + ageMsMax <= this.nowMs) ||
        (bytesMax !== undefined && bytes > bytesMax),
    );
    for (const [{ label }, events] of lost) {
      this.telemetry.forSubscription(label).lost.add(events);
      const fields = { channel: this.name, subscription: label, events };
      this.context.logger.warn(fields, 'retention removed events before they were delivered');
    }
    const oldest = this.store.kept[0];
    if (ageMsMax === undefined || oldest === undefined || this.state === 'closed') return;
    const inMs = oldest.acceptedMs + ageMsMax - this.nowMs;
    this.#retention.set(this.context.clock.monotonicMs() + inMs);
  }

  subscribe<P>(options: SubscribeOptions<P>): ChannelSubscription<P> {
    if (this.state === 'draining' || this.state === 'closed') {
      throw channelClosed(this.name, this.state);
    }
    const { id, selector, label = id, from = 'latest' } = options;
    assertPosition(from);
    const stored = this.store.subscribe(id, selector, label, from);
    const open = this.#handles.get(id);
    if (open !== undefined) return open as unknown as ChannelSubscription<P>;
    const handle = new KeepingSubscription(this, id, stored, options);
    this.#handles.set(id, handle);
    return handle as unknown as ChannelSubscription<P>;
  }

  detach(handle: KeepingSubscription): void {
    if (this.#handles.get(handle.id) === handle) this.#handles.delete(handle.id);
  }

  wants(subscription: string, event: CloudEvent): boolean {
    const stored = this.store.subscriptions.get(subscription);
    return stored !== undefined && isWanted(subscription, stored.selector, event);
  }

  async *read({ from, to, signal }: ReadOptions): AsyncGenerator<KeptEvent> {
    assertPosition(from);
    if (to !== undefined) assertPosition(to);
    const end = to === undefined ? this.store.kept.length : Infinity;
    const last = this.store.kept[end - 1]?.position ?? Infinity;
    for (const kept of this.store.since(from)) {
      if (signal?.aborted === true) throw abortedError(signal);
      if (to === undefined ? kept.position > last : !isBefore(kept, to)) return;
      yield await Promise.resolve(kept);
    }
  }

  describe(): ChannelDescription {
    return this.#left ?? this.#describe();
  }

  #describe(): ChannelDescription {
    const { store } = this;
    const bytes = store.kept.reduce((total, { event }) => total + event.sizeBytes, 0);
    const subscriptions = [...store.subscriptions].map(([id, stored]) =>
      this.describeOne(id, stored),
    );
    const { name } = this;
    return {
      name,
      type: KEEPING_TYPE,
      events: store.kept.length,
      bytes,
      unsettled: 0,
      subscriptions,
    };
  }

  describeOne(id: string, { entries, label, attached, lost }: StoredSubscription) {
    const oldest = Math.min(this.nowMs, ...entries.map(({ kept }) => kept.acceptedMs));
    const letters = this.store.letters.filter(({ subscription }) => subscription === id);
    const description: SubscriptionDescription = {
      id,
      label,
      attached: attached > 0,
      depth: entries.length,
      overflow: 0,
      bytes: entries.reduce((total, { kept }) => total + kept.event.sizeBytes, 0),
      oldestMs: this.nowMs - oldest,
      inFlight: entries.filter(({ holder }) => holder !== undefined).length,
      deadLetters: letters.length,
      lost,
    };
    return description;
  }

  settled(): Promise<boolean> {
    return Promise.resolve(true);
  }

  protected override onStart(): Promise<void> {
    this.store.changed.add(this.#onChange);
    this.#forget();
    return Promise.resolve();
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal);
    const isBusy = (): boolean => [...this.#handles.values()].some(({ holds }) => holds > 0);
    while (isBusy()) if (!(await this.quiet.wait(signal))) throw abortedError(signal);
  }

  protected override onClose(): Promise<void> {
    this.#left ??= this.#describe();
    this.#retention.cancel();
    this.store.changed.delete(this.#onChange);
    for (const handle of [...this.#handles.values()]) handle.abandon();
    return Promise.resolve();
  }
}

class KeptLetters implements DeadLetters {
  readonly #channel: KeepingChannel;

  constructor(channel: KeepingChannel) {
    this.#channel = channel;
  }

  list({ subscription, limit, after }: DeadLetterListOptions): Promise<DeadLetterPage> {
    const all = this.#channel.store.letters.filter(
      (letter) =>
        (subscription === undefined || letter.subscription === subscription) &&
        (after === undefined || Number(letter.id) > Number(after)),
    );
    const letters = all.slice(0, limit);
    const next = all.length > limit ? letters.at(-1)?.id : undefined;
    return Promise.resolve(next === undefined ? { letters } : { letters, next });
  }

  get(subscription: string, id: string) {
    return Promise.resolve(
      this.#channel.store.letters.find(
        (letter) => letter.id === id && letter.subscription === subscription,
      ),
    );
  }

  async redrive(subscription: string, ids: readonly string[]): Promise<number> {
    const { store, nowMs } = this.#channel;
    await Promise.resolve(store.subscription(subscription));
    const letters = store.takeLetters(subscription, ids);
    const events = letters.map(({ event }) => event);
    store.publishTo(subscription, events, nowMs);
    return letters.length;
  }

  drop(subscription: string, ids: readonly string[]): Promise<number> {
    return Promise.resolve(this.#channel.store.takeLetters(subscription, ids).length);
  }
}

class KeepingSubscription implements ChannelSubscription<unknown> {
  readonly id: string;
  readonly #channel: KeepingChannel;
  readonly #stored: StoredSubscription;
  readonly #options: SubscribeOptions<unknown>;
  readonly #alarm: Alarm;
  #callback: (() => void) | undefined;
  #isAwaited = false;
  #isClosed = false;

  constructor(
    channel: KeepingChannel,
    id: string,
    stored: StoredSubscription,
    options: SubscribeOptions<unknown>,
  ) {
    this.id = id;
    this.#channel = channel;
    this.#stored = stored;
    this.#options = options;
    stored.attached += 1;
    this.#alarm = new Alarm(channel.context.clock, () => {
      this.wake();
    });
  }

  get holds(): number {
    return this.#stored.entries.filter(({ holder }) => holder === this).length;
  }

  take(): Delivery<unknown> | undefined {
    if (this.#isClosed || this.#channel.state === 'draining') return undefined;
    const entry = this.#stored.next(this.#channel.nowMs);
    if (entry === undefined) {
      this.#isAwaited = true;
      this.#watch();
      return undefined;
    }
    entry.holder = this;
    entry.attempt += 1;
    this.#stored.lastWasOwn = entry.isOwn;
    return this.#delivery(entry);
  }

  #delivery(entry: Entry): Delivery<unknown> {
    const { kept, attempt, progress } = entry;
    const { codec } = this.#options;
    const { store } = this.#channel;
    let isOpen = true;
    const settle = (how: () => void): void => {
      const isMine = isOpen && entry.holder === this && this.#stored.entries.includes(entry);
      isOpen = false;
      if (!isMine) return;
      entry.holder = undefined;
      how();
      store.announce();
    };
    const save = (next: unknown): void => {
      if (next !== undefined) entry.progress = codec?.encode(next);
    };
    return {
      event: kept.event,
      position: kept.position,
      attempt,
      progress: progress === undefined ? undefined : codec?.decode(progress),
      ack: () => {
        settle(() => this.#stored.remove(entry));
      },
      release: ({ delayMs, progress: next }) => {
        settle(() => {
          save(next);
          entry.dueMs = this.#channel.nowMs + delayMs;
        });
      },
      save,
      deadLetter: (reason) => {
        settle(() => {
          this.#stored.remove(entry);
          store.bury(this.id, kept.event, reason, this.#channel.nowMs);
          this.#channel.telemetry.forSubscription(this.#stored.label).deadLetters.add();
        });
      },
    };
  }

  onReadable(callback: () => void): void {
    this.#callback = callback;
  }

  wake(): void {
    if (!this.#isAwaited || this.#isClosed) return;
    if (this.#stored.next(this.#channel.nowMs) === undefined) {
      this.#watch();
      return;
    }
    this.#isAwaited = false;
    this.#callback?.();
  }

  #watch(): void {
    const waiting = this.#stored.entries.filter(({ holder }) => holder === undefined);
    const dueMs = Math.min(...waiting.map((entry) => entry.dueMs));
    if (dueMs === Infinity) return;
    const { clock } = this.#channel.context;
    this.#alarm.set(clock.monotonicMs() + Math.max(0, dueMs - clock.now()));
  }

  close(options?: { readonly drop?: boolean }): SubscriptionClosed {
    if (this.#isClosed) return { kept: 0, dropped: 0 };
    this.#end();
    const depth = this.#stored.entries.length;
    if (options?.drop !== true) return { kept: depth, dropped: 0 };
    this.#stored.entries = [];
    this.#channel.store.subscriptions.delete(this.id);
    return { kept: 0, dropped: depth };
  }

  #end(): void {
    this.#isClosed = true;
    this.#stored.attached -= 1;
    this.#alarm.cancel();
    this.#channel.detach(this);
  }

  /** The channel is closed: what is in flight goes to whoever reads next. */
  abandon(): void {
    this.#end();
    for (const entry of this.#stored.entries) if (entry.holder === this) entry.holder = undefined;
    this.#channel.store.announce();
  }

  describe(): SubscriptionDescription {
    return this.#channel.describeOne(this.id, this.#stored);
  }
}

function assertPosition(from: StartAt | { readonly position: unknown }): void {
  if (typeof from !== 'object' || !('position' in from)) return;
  const position = Number(from.position);
  if (Number.isSafeInteger(position) && position >= 0) return;
  throw positionInvalid(KEEPING_TYPE, from.position, 'a whole number');
}

function isBefore(kept: Kept, to: NonNullable<ReadOptions['to']>): boolean {
  return 'timeMs' in to ? kept.acceptedMs < to.timeMs : kept.position < Number(to.position);
}
