/**
 * One subscription of a RabbitMQ channel: what of its queues this process holds, hands out and gives back.
 *
 * A message stays unacknowledged from its arrival until the reader has done with the event. A release writes the
 * event anew, with its attempts, progress and due time, and acknowledges the original once that is confirmed: so
 * the next attempt survives any crash, and no message is held for longer than `shortWaitMs` and the reader's own
 * time. While nothing can be published the event waits in memory and the original stays where it is.
 *
 * When the AMQP channel is lost, what is due or waiting is forgotten (the server hands it out again); what is in
 * flight is kept, and its message is recognised when it comes again, to this process, and not handed out twice.
 */
import {
  ChannelUnavailable,
  type DeadLetterReason,
  type Delivery,
  type ProgressCodec,
  type Selector,
  type SubscribeOptions,
  type SubscriptionCounters,
  type SubscriptionDescription,
} from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { AmqpConnection } from './client/connection.ts';
import { acknowledge, encodeCopy } from './copies.ts';
import { type Envelope, readEnvelope, readEvent } from './envelope.ts';
import { Expected, figures } from './expected.ts';
import { DueLine, end, type Held } from './held.ts';
import type { BacklogHost } from './backlog-host.ts';
import { Intake, type IntakeOwner, type LateQueue, type Origin } from './intake.ts';
import { LetterWriter } from './letter-writer.ts';
import { Warnings } from './warnings.ts';
import type { QueueNames } from './names.ts';
import { RabbitmqDelivery } from './delivery.ts';

/** How long an event waits here that could not be written anew. */
const FALLBACK_WAIT_MS = 1_000;
const PREFETCH_MIN = 32;
/** Acknowledgements that could not be sent, remembered for when their messages come again. */
const SETTLED_MAX = 10_000;

export class Backlog implements IntakeOwner {
  readonly id: string;
  readonly names: QueueNames;
  readonly #host: BacklogHost;
  readonly #letters: LetterWriter;
  readonly #warnings: Warnings;
  readonly #due = new DueLine();
  readonly #waiting = new Set<Held>();
  readonly #inFlight = new Set<Held>();
  readonly #settling = new Set<Held>();
  readonly #expected = new Expected();
  /** Of messages whose AMQP channel was lost before they could be acknowledged. */
  readonly #settled = new Set<string>();
  readonly #lost = new WeakSet<Channel>();
  #counters: SubscriptionCounters;
  #label: string;
  #selector: Selector | undefined;
  #codec: ProgressCodec<unknown> | undefined;
  #prefetch = PREFETCH_MIN;
  #intake: Intake | undefined;
  #retired: Promise<void> = Promise.resolve();
  #wasDeclared = false;
  #isAttached = true;
  #isDropped = false;
  #foundNothing = false;
  #order = 0;
  #readyInQueues = 0;
  #deadLetters: number | undefined;
  #lostEvents = 0;
  onReadable: (() => void) | undefined;

  constructor(
    options: SubscribeOptions<unknown>,
    names: QueueNames,
    host: BacklogHost,
    counters: SubscriptionCounters,
  ) {
    this.id = options.id;
    this.names = names;
    this.#host = host;
    this.#letters = new LetterWriter(this.id, names, host, () => {
      this.#counters.deadLetters.add(1);
      if (this.#deadLetters !== undefined) this.#deadLetters += 1;
    });
    this.#warnings = new Warnings(this.id, host);
    this.#counters = counters;
    this.#label = options.label ?? options.id;
    this.configure(options, counters);
  }

  configure(options: SubscribeOptions<unknown>, counters: SubscriptionCounters): void {
    this.#counters = counters;
    this.#label = options.label ?? options.id;
    this.#selector = options.selector;
    this.#codec = options.codec;
    const wanted = Math.max(PREFETCH_MIN, options.bounds.eventsMax);
    this.#prefetch = Math.min(wanted, this.#host.prefetchMax);
  }

  get selector(): Selector | undefined {
    return this.#selector;
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  get isDeclared(): boolean {
    return this.#intake?.isDeclared ?? false;
  }

  /** Its queue is there, unless somebody deletes it. */
  get wasDeclared(): boolean {
    return this.#wasDeclared;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Releases and dead letters that are being written. */
  get settling(): number {
    return this.#settling.size;
  }

  get trouble(): string | undefined {
    return this.#intake?.trouble;
  }

  get depth(): number {
    const settling = [...this.#settling].filter(({ isCopied }) => !isCopied).length;
    const held = this.#due.size + this.#waiting.size + this.#inFlight.size + settling;
    return held + Math.max(this.#expected.size, this.#readyInQueues);
  }

  /** Begins to read, or goes on; resolves when queues and binding are there. */
  attach(): Promise<void> {
    this.#isAttached = true;
    if (this.#intake !== undefined) return this.#intake.declared;
    const { consuming, servers, topology, clock, random, logger } = this.#host;
    const intake = new Intake({
      connection: consuming,
      names: this.names,
      topology,
      prefetch: () => this.#prefetch,
      serially: (run) => servers.serially(this.names.main, run),
      owner: this,
      clock,
      random,
      logger,
    });
    this.#intake = intake;
    void this.#retired.then(() => {
      if (this.#intake === intake) intake.start();
    });
    return intake.declared;
  }

  /** No reader any more. What is in flight may still be settled; then the AMQP channel is given up. */
  detach(): void {
    this.#isAttached = false;
    this.onReadable = undefined;
    this.#foundNothing = false;
    this.#retireWhenQuiet();
  }

  /** Gives everything up. Resolves when nothing is read any more. */
  async drop(): Promise<void> {
    this.#isDropped = true;
    this.#isAttached = false;
    this.onReadable = undefined;
    for (const held of this.#all()) this.#forget(held);
    this.#expected.clear();
    this.#readyInQueues = 0;
    await this.#retire();
  }

  async close(): Promise<void> {
    this.#isAttached = false;
    await this.#retire();
  }

  /** Somebody removed what was there. */
  declareAgain(): void {
    void this.#intake?.declareAgain();
  }

  moveTo(connection: AmqpConnection): void {
    void this.#intake?.reset(connection);
  }

  #retireWhenQuiet(): void {
    if (this.#isAttached || this.#inFlight.size + this.#settling.size > 0) return;
    void this.#retire();
  }

  #retire(): Promise<void> {
    const intake = this.#intake;
    if (intake === undefined) return this.#retired;
    this.#intake = undefined;
    this.#retired = intake.close();
    return this.#retired;
  }

  /**
   * A message for this subscription has been written and will come, also where reading has not begun yet. Should the
   * queue not have been there, `learn` corrects it.
   */
  expect(key: string, event: CloudEvent, acceptedMs: number): void {
    this.#expected.add(key, event.sizeBytes, acceptedMs);
  }

  unexpect(key: string): void {
    this.#expected.delete(key);
  }

  onDeclared(): void {
    this.#wasDeclared = true;
  }

  onMessage(channel: Channel, origin: Origin, message: ConsumeMessage): void {
    if (this.#isDropped) return;
    const envelope = readEnvelope(message, this.#host.clock.now());
    this.#expected.delete(envelope.key);
    if (envelope.identity !== '' && this.#isKnown(envelope.identity, channel, message)) return;
    let event: CloudEvent;
    try {
      event = readEvent(message);
    } catch (error) {
      void this.#setAside(channel, message, error);
      return;
    }
    if (origin === 'main' && !this.#host.verdicts.wants(this, envelope.key, event)) {
      acknowledge(channel, message);
      return;
    }
    this.#hold(channel, origin, message, envelope, event);
  }

  /** The message of something that is in flight, or was settled, when its AMQP channel was lost. */
  #isKnown(identity: string, channel: Channel, message: ConsumeMessage): boolean {
    if (this.#settled.delete(identity)) {
      acknowledge(channel, message);
      return true;
    }
    for (const held of [...this.#inFlight, ...this.#settling]) {
      if (held.envelope.identity !== identity || !this.#lost.has(held.channel)) continue;
      held.channel = channel;
      held.message = message;
      return true;
    }
    return false;
  }

  #hold(
    channel: Channel,
    origin: Origin,
    message: ConsumeMessage,
    envelope: Envelope,
    event: CloudEvent,
  ): void {
    this.#order += 1;
    const held: Held = {
      event,
      envelope,
      origin,
      order: this.#order,
      message,
      channel,
      state: 'waiting',
      attempts: envelope.attempts,
      progress: envelope.progress,
      timer: undefined,
      givenUp: undefined,
      isCopied: false,
    };
    const untilMs = origin === 'wait' ? envelope.hopMs : envelope.dueMs;
    // A clock that was set back makes no wait longer than it was meant to be.
    const waitMs = Math.min(untilMs - this.#host.clock.now(), this.#host.shortWaitMs);
    if (origin !== 'wait' && waitMs <= 0) this.#makeDue(held);
    else this.#wait(held, waitMs);
  }

  #wait(held: Held, waitMs: number): void {
    held.state = 'waiting';
    this.#waiting.add(held);
    held.timer = this.#host.clock.setTimer(waitMs, () => {
      this.#waiting.delete(held);
      if (held.givenUp !== undefined) void this.#writeLetter(held, held.givenUp);
      else if (held.origin === 'wait') void this.#hop(held);
      else this.#makeDue(held);
    });
  }

  #makeDue(held: Held): void {
    held.state = 'due';
    this.#due.add(held);
    this.#announce();
  }

  #announce(): void {
    if (!this.#foundNothing || !this.#host.handsOut) return;
    this.#foundNothing = false;
    this.onReadable?.();
  }

  take<P>(): Delivery<P> | undefined {
    const held = this.#isAttached && this.#host.handsOut ? this.#due.next() : undefined;
    if (held === undefined) {
      this.#foundNothing = true;
      return undefined;
    }
    held.state = 'in-flight';
    held.attempts += 1;
    this.#inFlight.add(held);
    return new RabbitmqDelivery<P>(this, held, this.#decodeProgress(held));
  }

  #decodeProgress({ progress }: Held): unknown {
    try {
      return progress === undefined ? undefined : this.#codec?.decode(progress);
    } catch (error) {
      this.#warnings.warn(error, 'progress of an event cannot be read');
      return undefined;
    }
  }

  /** @internal */
  ack(held: Held): void {
    if (held.state !== 'in-flight') return;
    this.#inFlight.delete(held);
    this.#done(held);
    this.#afterSettlement();
  }

  /** @internal */
  release(held: Held, delayMs: number, progress: unknown): void {
    if (held.state !== 'in-flight') return;
    if (progress !== undefined && this.#codec !== undefined) {
      held.progress = this.#codec.encode(progress);
    }
    this.#inFlight.delete(held);
    const nowMs = this.#host.clock.now();
    const dueMs = delayMs > 0 ? nowMs + Math.ceil(delayMs) : 0;
    void this.#settle(held, delayMs, () => this.#write(held, nowMs, dueMs));
  }

  /** @internal */
  deadLetter(held: Held, reason: DeadLetterReason): void {
    if (held.state !== 'in-flight') return;
    this.#inFlight.delete(held);
    held.givenUp = reason;
    void this.#writeLetter(held, reason);
  }

  /** Again and again until it is written: an event that was given up is not tried once more for want of a place. */
  #writeLetter(held: Held, reason: DeadLetterReason): Promise<void> {
    return this.#settle(held, 0, () => this.#letters.write(held.event, reason));
  }

  /** Writes first, then acknowledges. Should the writing fail, the event waits here instead. */
  async #settle(held: Held, delayMs: number, write: () => Promise<void>): Promise<void> {
    held.state = 'settling';
    this.#settling.add(held);
    let isWritten = true;
    try {
      await write();
    } catch (error) {
      isWritten = false;
      this.#warnings.warn(error, 'an event could not be written back to rabbitmq');
    }
    this.#settling.delete(held);
    // Dropped meanwhile, it is nobody's any more.
    if (!this.#isDropped) {
      if (isWritten) this.#done(held);
      else if (this.#lost.has(held.channel)) this.#forget(held);
      else this.#wait(held, Math.min(Math.max(delayMs, FALLBACK_WAIT_MS), this.#host.shortWaitMs));
    }
    this.#afterSettlement();
  }

  /** The event goes on from the queue for long waits: to itself again, or to where it becomes due. */
  async #hop(held: Held): Promise<void> {
    const nowMs = this.#host.clock.now();
    await this.#settle(held, 0, () => this.#write(held, nowMs, held.envelope.dueMs));
  }

  async #write(held: Held, nowMs: number, dueMs: number): Promise<void> {
    const { key, acceptedMs } = held.envelope;
    const hopMs = this.#host.shortWaitMs;
    if (dueMs - nowMs > hopMs) await this.openLate('wait');
    this.expect(key, held.event, acceptedMs);
    held.isCopied = this.isDeclared;
    try {
      await this.#host.writeNow([encodeCopy(held, this.names, { nowMs, dueMs, hopMs })]);
    } catch (error) {
      this.unexpect(key);
      held.isCopied = false;
      throw error;
    }
  }

  /** Makes sure that one of the queues that not every subscription needs is there and read. */
  async openLate(queue: LateQueue): Promise<void> {
    if (this.#intake === undefined) throw new ChannelUnavailable('the subscription is closed');
    await this.#intake.open(queue);
  }

  /** What is no event cannot be delivered: it becomes a dead letter as it is. */
  async #setAside(channel: Channel, message: ConsumeMessage, cause: unknown): Promise<void> {
    this.#warnings.warn(cause, 'a message that is no event became a dead letter');
    try {
      await this.#letters.copy(message);
      acknowledge(channel, message);
    } catch (error) {
      // Unacknowledged, it comes again with the next AMQP channel.
      this.#warnings.warn(error, 'a message that is no event could not be set aside');
    }
  }

  /** Acknowledges, now or when the message comes again. */
  #done(held: Held): void {
    end(held);
    if (!this.#lost.has(held.channel) && acknowledge(held.channel, held.message)) return;
    const { identity } = held.envelope;
    if (identity !== '' && this.#settled.size < SETTLED_MAX) this.#settled.add(identity);
  }

  #forget(held: Held): void {
    end(held);
    this.#waiting.delete(held);
    this.#inFlight.delete(held);
    this.#settling.delete(held);
    this.#due.remove((other) => other === held);
  }

  #afterSettlement(): void {
    this.#host.onSettled();
    this.#retireWhenQuiet();
  }

  onLost(channel: Channel): void {
    this.#lost.add(channel);
    for (const held of [...this.#due, ...this.#waiting]) {
      if (held.channel !== channel) continue;
      const { key, acceptedMs } = held.envelope;
      if (key !== '' && !this.#isDropped) {
        this.#expected.add(key, held.event.sizeBytes, acceptedMs);
      }
      end(held);
      this.#waiting.delete(held);
    }
    this.#due.remove(({ state }) => state === 'gone');
  }

  onCancelled(queue: string): void {
    const known = this.#expected.size + this.#readyInQueues;
    const { logger, name } = this.#host;
    logger.error(
      { channel: name, subscription: this.id, queue, events: known },
      'a queue was deleted by somebody else; it is declared again',
    );
    if (queue !== this.names.main || known === 0) return;
    this.#lostEvents += known;
    this.#counters.lost.add(known);
    this.#expected.clear();
    this.#readyInQueues = 0;
  }

  /** What the server says is in the queues and in nobody's hands, as of `askedMs`. */
  learn(ready: number, deadLetters: number, askedMs: number): void {
    this.#readyInQueues = ready;
    this.#deadLetters = deadLetters;
    // What was written before and is neither here nor there has gone to another reader.
    if (ready === 0) this.#expected.deleteBefore(askedMs);
  }

  #all(): readonly Held[] {
    return [...this.#due, ...this.#waiting, ...this.#inFlight, ...this.#settling];
  }

  describe(): SubscriptionDescription {
    const nowMs = this.#host.clock.now();
    const { bytes, oldestMs } = figures(this.#all(), this.#expected, nowMs);
    return {
      id: this.id,
      label: this.#label,
      attached: this.#isAttached,
      depth: this.depth,
      overflow: 0,
      bytes,
      oldestMs,
      inFlight: this.#inFlight.size,
      lost: this.#lostEvents,
      ...(this.#deadLetters === undefined ? {} : { deadLetters: this.#deadLetters }),
    };
  }
}
