/**
 * What a durable channel has for one subscription id. It outlives the handles that read it; its entries outlive the
 * process.
 *
 *     publish, committed ──┐ (while nothing is left to be read)
 *                          ▼
 *     entries ─read─▶ ready ──take──▶ handed out ──ack──▶ entry removed
 *                     ▲               │
 *                     │            release
 *                     │               ▼
 *                     └──due── waiting, by due time
 *
 * Invariants: every entry at or below `readTo` is in memory, or its removal is on the way; none above it is. So a
 * backlog that is not behind takes each new event from memory as soon as it is durable, and one that is reads
 * bounded batches from the disk until it has caught up. `take` hands out the lowest due position there is in
 * memory. `depth` and `bytes` are what the entries say, with what is on its way to them.
 *
 * Memory is bounded by `bounds` whatever the depth. What waits for longer than a moment gives its event up and
 * reads it again, so that a long outage of a subscriber costs a small record for each event tried, at most
 * `WAITING_MAX` of them; beyond that nothing new is read before something has come due.
 */
import {
  type DeadLetterReason,
  type ProgressCodec,
  type QueueBounds,
  type ReleaseOptions,
  type Selector,
  type SubscribeOptions,
  type SubscriptionDescription,
} from '@afflux/channels';
import {
  isWanted,
  Alarm,
  DEADLINE_TOLERANCE_MS,
  Heap,
  type MatchTarget,
  type SubscriptionCounters as Telemetry,
} from '@afflux/channels/driver';
import type { Batch, Participant, Work } from '@afflux/data-directory';
import type { CloudEvent } from '@afflux/events';
import { Burial } from './burial.ts';
import type { ChannelState } from './channel-state.ts';
import {
  BURYING,
  type DeliveryOwner,
  DurableDelivery,
  HANDED_OUT,
  HELD,
  isBeforeByDue,
  SETTLED,
} from './delivery.ts';
import type { HistoryFill } from './history-fill.ts';
import { Lane } from './lane.ts';
import { addressedNumber, subscriptionCountersKey, subscriptionKey } from './keys.ts';
import {
  encodeCounters,
  encodeEntry,
  encodeJson,
  type SubscriptionCounters,
  type SubscriptionRecord,
} from './records.ts';

/** A retry further away than this reads its event again. */
const KEPT_WAIT_MS = 1_000;

/** Entries that wait for their retry, in memory. */
const WAITING_MAX = 100_000;

/** What a backlog reports to its channel. */
export interface BacklogOwner {
  readonly channelState: ChannelState;
  /** False once the channel is closed. */
  readonly isReadable: boolean;
  onInFlight(change: number): void;
  /** The disk could not be read. */
  onReadFailure(error: unknown): void;
}

export class Backlog implements MatchTarget, Work, Participant, DeliveryOwner {
  readonly bytes = 0;
  readonly isKept = true;
  readonly number: number;
  readonly owner: BacklogOwner;
  readonly counters: SubscriptionCounters;
  /** Events published to all. */
  readonly main: Lane;
  /** Events published to this subscription alone. */
  readonly addressed: Lane;
  record: SubscriptionRecord;
  telemetry: Telemetry;
  codec: ProgressCodec<unknown> | undefined;
  lastMatch = 0;
  hasReader = false;
  /** Forgotten, with everything that is stored for it. */
  isDropped = false;
  inFlight = 0;
  /** Dead letters and losses in the transaction under way: not yet to be spoken of. */
  unsyncedLetters = 0;
  unsyncedLost = 0;
  onReadableCallback: (() => void) | undefined;
  /** Its entries from before it was made are in the making. */
  fill: HistoryFill | undefined;
  bounds: QueueBounds = { eventsMax: 1, bytesMax: 1 };
  #selector: Selector | undefined;
  #isAwaited = false;
  #isSubmitted = false;
  /** The lane that was served last. */
  #served: Lane;
  #oldest: { readonly position: number; readonly acceptedMs: number } | undefined;
  readonly #held = new Set<DurableDelivery>();
  readonly #waiting = new Heap<DurableDelivery>(isBeforeByDue);
  readonly #alarm: Alarm;

  constructor(
    owner: BacklogOwner,
    number: number,
    record: SubscriptionRecord,
    counters: SubscriptionCounters,
  ) {
    this.owner = owner;
    this.number = number;
    this.record = record;
    this.counters = counters;
    this.telemetry = owner.channelState.telemetry.forSubscription(record.label);
    this.main = new Lane(this, number);
    this.addressed = new Lane(this, addressedNumber(number));
    this.#served = this.addressed;
    this.#alarm = new Alarm(owner.channelState.clock, () => {
      this.#wakeDue();
    });
  }

  get id(): string {
    return this.record.id;
  }

  /** While nobody reads it every event is kept; the selector of whoever comes is asked then. */
  get selector(): Selector | undefined {
    return this.hasReader ? this.#selector : undefined;
  }

  /** For the matcher: events are kept for it, with a reader and without. */
  get isAttached(): boolean {
    return !this.isDropped;
  }

  /** Whether the subscription would get this event now. */
  wants(event: CloudEvent): boolean {
    return isWanted(this.id, this.#selector, event);
  }

  attach(options: SubscribeOptions<unknown>): void {
    const { detachedMs, ...record } = this.record;
    const label = options.label ?? options.id;
    this.#selector = options.selector;
    this.bounds = options.bounds;
    this.codec = options.codec;
    this.hasReader = true;
    if (label !== record.label || detachedMs !== undefined) this.setRecord({ ...record, label });
    this.telemetry = this.owner.channelState.telemetry.forSubscription(label);
    this.wake();
  }

  /** Reads on in both lanes. */
  wake(): void {
    this.main.reader.wake();
    this.addressed.reader.wake();
  }

  /** Looks for entries again, from where each lane has come to. */
  look(): void {
    this.main.reader.isBehind = true;
    this.addressed.reader.isBehind = true;
    this.wake();
  }

  /** Nothing more can be read now. */
  async idle(): Promise<void> {
    await this.main.reader.idle;
    await this.addressed.reader.idle;
  }

  detach(): void {
    this.hasReader = false;
    this.onReadableCallback = undefined;
    this.setRecord({ ...this.record, detachedMs: this.owner.channelState.clock.now() });
  }

  /** Forgets what is in memory: nothing of it can be settled any more. */
  clear(): void {
    this.#alarm.cancel();
    for (const delivery of this.#held) this.#forget(delivery);
    this.#waiting.clear();
    for (const lane of this.lanes) {
      lane.ready.clear();
      lane.changes.clear();
    }
  }

  get lanes(): readonly [Lane, Lane] {
    return [this.main, this.addressed];
  }

  /** A durable event that the subscription wants. `isAsked`: its selector was asked. */
  offer(lane: Lane, position: number, event: CloudEvent, isAsked: boolean): void {
    if (!lane.isNext(position, isAsked)) return;
    this.load(new DurableDelivery(this, lane, position, event, 1, undefined), 0);
  }

  /** Whether memory has room for one more event that waits. */
  get hasRoomToWait(): boolean {
    return this.#waiting.size < WAITING_MAX;
  }

  /** Takes an entry into memory. */
  load(delivery: DurableDelivery, waitMs: number): void {
    this.#held.add(delivery);
    delivery.lane.events += 1;
    delivery.lane.bytes += delivery.sizeBytes;
    this.#place(delivery, waitMs);
  }

  /** The lanes take turns as long as both have something due. */
  take(): DurableDelivery | undefined {
    const first = this.#served === this.main ? this.addressed : this.main;
    const taken = this.#takeFrom(first) ?? this.#takeFrom(this.#served);
    if (taken === undefined) {
      this.#isAwaited = true;
      this.wake();
      return undefined;
    }
    this.#served = taken.lane;
    taken.state = HANDED_OUT;
    this.inFlight += 1;
    this.owner.onInFlight(1);
    return taken;
  }

  #takeFrom({ ready }: Lane): DurableDelivery | undefined {
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      if (next.state === HELD && (next.held !== undefined || this.#readAgain(next))) return next;
    }
    return undefined;
  }

  finish(delivery: DurableDelivery): void {
    this.#forget(delivery);
    this.removeEntry(delivery.lane, delivery.position, delivery.sizeBytes);
    delivery.lane.reader.wake();
  }

  takeBack(delivery: DurableDelivery, { delayMs, progress }: ReleaseOptions<unknown>): void {
    this.#forget(delivery);
    const next = progress === undefined ? delivery.progress : progress;
    this.#write(delivery, delayMs, next);
    const { lane, position, event, attempt } = delivery;
    this.load(new DurableDelivery(this, lane, position, event, attempt + 1, next), delayMs);
    lane.reader.wake();
  }

  save(delivery: DurableDelivery, progress: unknown): void {
    delivery.progress = progress;
    this.#write(delivery, 0, progress);
  }

  bury(delivery: DurableDelivery, reason: DeadLetterReason): void {
    delivery.state = BURYING;
    this.owner.channelState.directory.writer.submit(new Burial(this, delivery, reason));
  }

  /** The event has become a dead letter. */
  buried(delivery: DurableDelivery): void {
    this.telemetry.deadLetters.add(1);
    if (delivery.state !== BURYING) return;
    this.#forget(delivery);
    delivery.lane.reader.wake();
  }

  /** The subscription has nothing more to do with an event. */
  removeEntry(lane: Lane, position: number, sizeBytes: number): void {
    lane.changes.remove(position);
    this.count(-1, -sizeBytes, position);
    this.submit();
  }

  /** Changes depth and bytes; of one position, or of several. */
  count(events: number, bytes: number, position = this.#oldest?.position): void {
    const { counters } = this;
    counters.depth += events;
    // Sizes of damaged events are not known: what they leave behind ends with the last one.
    counters.bytes = counters.depth === 0 ? 0 : Math.max(0, counters.bytes + bytes);
    if (events < 0 && position === this.#oldest?.position) this.#oldest = undefined;
  }

  /** Events below this position are gone from the channel: whoever still had them in memory gives them up. */
  forgetBelow(position: number): void {
    for (const delivery of this.#held) {
      if (delivery.position < position) this.#forget(delivery);
    }
    for (const { reader } of this.lanes) reader.readTo = Math.max(reader.readTo, position - 1);
  }

  setRecord(record: SubscriptionRecord): void {
    this.record = record;
    this.#isRecordNew = true;
    this.submit();
  }

  #isRecordNew = false;

  /** Acknowledgements; a subscription that is new is waited for. */
  get isPatient(): boolean {
    return !this.#isRecordNew;
  }

  /** Has what changed written with the next transaction. */
  submit(): void {
    if (this.#isSubmitted || this.isDropped) return;
    this.#isSubmitted = true;
    this.owner.channelState.directory.writer.submit(this);
  }

  write(batch: Batch): void {
    this.#isSubmitted = false;
    if (this.isDropped) return;
    const { tables } = this.owner.channelState;
    for (const { changes, number } of this.lanes) changes.write(tables.entries, number);
    if (this.#isRecordNew) this.writeRecord();
    batch.touch(this);
  }

  writeRecord(): void {
    const { tables, number } = this.owner.channelState;
    const key = subscriptionKey(number, this.number);
    void tables.meta.put(key, encodeJson(this.record));
  }

  committed(): void {
    this.#isRecordNew = false;
    for (const { changes } of this.lanes) changes.committed();
    this.wake();
  }

  failed(): void {
    this.#isSubmitted = true;
    for (const { changes } of this.lanes) changes.failed();
  }

  writeCounters(): void {
    if (this.isDropped) return;
    const { tables } = this.owner.channelState;
    void tables.meta.put(subscriptionCountersKey(this.number), encodeCounters(this.counters));
  }

  describe(): SubscriptionDescription {
    const { counters, record } = this;
    const oldest = this.#findOldest();
    const { clock } = this.owner.channelState;
    return {
      id: record.id,
      label: record.label,
      attached: this.hasReader,
      depth: counters.depth,
      overflow: 0,
      bytes: counters.bytes,
      oldestMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.acceptedMs),
      inFlight: this.inFlight,
      deadLetters: counters.letters - this.unsyncedLetters,
      lost: counters.lost - this.unsyncedLost,
    };
  }

  /** Position and time of the first event that is not finished; looked up once for each cursor. */
  #findOldest() {
    if (this.counters.depth === 0) this.#oldest = undefined;
    else if (this.#oldest === undefined) {
      const [main, addressed] = this.lanes.map(({ reader }) => reader.findOldest());
      const isMain = (main?.position ?? Infinity) < (addressed?.position ?? Infinity);
      this.#oldest = isMain ? main : addressed;
    }
    return this.#oldest;
  }

  #place(delivery: DurableDelivery, waitMs: number): void {
    if (waitMs <= 0) {
      delivery.lane.ready.push(delivery);
      this.#announce();
      return;
    }
    if (waitMs > KEPT_WAIT_MS) this.#unload(delivery);
    delivery.dueMs = this.owner.channelState.clock.monotonicMs() + waitMs;
    this.#waiting.push(delivery);
    this.#alarm.set(delivery.dueMs);
  }

  /** The event gives its memory back and is read again when it is due. */
  #unload(delivery: DurableDelivery): void {
    if (delivery.held === undefined) return;
    delivery.held = undefined;
    delivery.lane.events -= 1;
    delivery.lane.bytes -= delivery.sizeBytes;
  }

  #readAgain(delivery: DurableDelivery): boolean {
    const event = delivery.lane.reader.readEvent(delivery.position, delivery.sizeBytes);
    if (event === undefined) {
      this.#forget(delivery);
      return false;
    }
    delivery.held = event;
    delivery.lane.events += 1;
    delivery.lane.bytes += delivery.sizeBytes;
    return true;
  }

  #wakeDue(): void {
    const reachedMs = this.owner.channelState.clock.monotonicMs() + DEADLINE_TOLERANCE_MS;
    let next = this.#waiting.peek();
    while (next !== undefined && (next.dueMs <= reachedMs || next.state !== HELD)) {
      this.#waiting.pop();
      if (next.state === HELD) this.#place(next, 0);
      next = this.#waiting.peek();
    }
    if (next !== undefined) this.#alarm.set(next.dueMs);
  }

  #announce(): void {
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.onReadableCallback?.();
  }

  /** Out of memory, wherever it was. */
  #forget(delivery: DurableDelivery): void {
    const { state } = delivery;
    if (state === SETTLED) return;
    delivery.state = SETTLED;
    this.#held.delete(delivery);
    if (delivery.held !== undefined) {
      delivery.lane.events -= 1;
      delivery.lane.bytes -= delivery.sizeBytes;
    }
    if (state === HELD) return;
    this.inFlight -= 1;
    this.owner.onInFlight(-1);
  }

  #write(delivery: DurableDelivery, delayMs: number, progress: unknown): void {
    const dueMs = delayMs > 0 ? this.owner.channelState.clock.now() + delayMs : 0;
    const bytes = progress === undefined ? undefined : this.codec?.encode(progress);
    const { lane, position, attempt } = delivery;
    lane.changes.set(position, encodeEntry({ attempts: attempt, dueMs, delayMs, progress: bytes }));
    this.submit();
  }
}
