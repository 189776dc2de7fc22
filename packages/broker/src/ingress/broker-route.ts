/**
 * The way into one broker: count the hop, note the arrival, publish. Also used for the replies of the broker's
 * own triggers, which enter here without a detour over the network.
 *
 * It is there before its channel is, and answers 503 until then: a producer that finds the broker known must not
 * take it for a wrong address.
 */
import {
  ChannelUnavailable,
  type Capabilities,
  type Channel,
  type PublishOptions,
} from '@afflux/channels';
import { eventTimesProblem } from '@afflux/delivery';
import type { CloudEvent } from '@afflux/events';
import type { EventRoute, RequestContext } from '@afflux/ingress';
import type { BoundCounter, Clock, Meter, OnStep } from '@afflux/kernel';
import { BrokerError } from '../errors.ts';
import {
  ARRIVAL_ATTRIBUTE,
  HOP_LIMIT_DEFAULT,
  nextTtl,
  TTL_ATTRIBUTE,
} from '../model/hop-limit.ts';
import type { BrokerIdentity } from '../model/identity.ts';
import { brokerPath } from '../model/kinds.ts';

export interface BrokerRouteOptions {
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Told of each event that was taken; must be quick and must not throw. */
  readonly onAccepted?: ((event: CloudEvent, broker: BrokerIdentity) => void) | undefined;
  /** Handed to `onAccepted`. */
  readonly identity: BrokerIdentity;
  /** Told before an answer. */
  readonly onStep?: OnStep | undefined;
}

export class BrokerRoute implements EventRoute {
  readonly namespace: string;
  readonly path: string;
  readonly #clock: Clock;
  readonly #onStep: OnStep | undefined;
  readonly #onAccepted: BrokerRouteOptions['onAccepted'];
  readonly #identity: BrokerIdentity;
  readonly #hopLimitReached: BoundCounter;
  #channel: Channel | undefined;
  #isDelayed = false;
  #publishOptions: PublishOptions | undefined;
  #arrivalMs = -1;
  #arrival = '';

  constructor(options: BrokerRouteOptions) {
    this.namespace = options.namespace;
    this.path = brokerPath(options.namespace, options.name);
    this.#clock = options.clock;
    this.#onStep = options.onStep;
    this.#onAccepted = options.onAccepted;
    this.#identity = options.identity;
    this.#hopLimitReached = options.meter
      .counter({
        name: 'afflux_broker_hop_limit_total',
        help: 'Events refused because they had entered brokers too often.',
        labels: ['kn_broker_name', 'kn_broker_namespace'],
      })
      .labels(options.name, options.namespace);
  }

  /** Lets events into the channel from now on. */
  open(channel: Channel, capabilities: Capabilities): void {
    this.#channel = channel;
    this.#isDelayed = capabilities.delayed;
  }

  /** Requests that found this route before it was taken off are refused as well. */
  close(): void {
    this.#channel = undefined;
  }

  /** Window in which an event with the `source` and `id` of another counts as the same; undefined: none. */
  set deduplicateMs(windowMs: number | undefined) {
    this.#publishOptions = windowMs === undefined ? undefined : { deduplicateMs: windowMs };
  }

  accept(events: readonly CloudEvent[], context: RequestContext): Promise<void> | undefined {
    const channel = this.#channel;
    if (channel === undefined) throw this.#unavailable();
    const [first] = events;
    const entering =
      events.length === 1 && first !== undefined
        ? [this.#enter(first, context)]
        : events.map((event) => this.#enter(event, context));
    const pending = channel.publish(entering, this.#publishOptions);
    if (this.#onAccepted === undefined && this.#onStep === undefined) return pending;
    if (pending !== undefined)
      return pending.then(() => {
        this.#noteAccepted(entering);
      });
    this.#noteAccepted(entering);
    return undefined;
  }

  #unavailable(): ChannelUnavailable {
    const { namespace, name } = this.#identity;
    return new ChannelUnavailable(`broker "${namespace}/${name}" cannot take events at present`, {
      details: { namespace, broker: name },
    });
  }

  #noteAccepted(events: readonly CloudEvent[]): void {
    if (this.#onAccepted !== undefined) {
      for (const event of events) this.#onAccepted(event, this.#identity);
    }
    this.#onStep?.('before-response');
  }

  #enter(event: CloudEvent, context: RequestContext): CloudEvent {
    const times = eventTimesProblem(event, {
      isDelayed: this.#isDelayed,
      nowMs: this.#clock.now(),
    });
    if (times !== undefined) {
      throw new BrokerError(`the attribute ${times.attribute}: ${times.reason}`, {
        code: 'AFFLUX_BROKER_EVENT_TIME',
        fault: 'user',
        details: { status: 400, attribute: times.attribute },
      });
    }
    const ttl = nextTtl(event, HOP_LIMIT_DEFAULT);
    if (ttl <= 0) {
      this.#hopLimitReached.add();
      throw new BrokerError(
        `the event has entered brokers ${String(HOP_LIMIT_DEFAULT)} times (${TTL_ATTRIBUTE} is used up): a subscriber's reply probably triggers itself`,
        { code: 'AFFLUX_BROKER_HOP_LIMIT', fault: 'user', details: { status: 400 } },
      );
    }
    const entered = event.with({
      [TTL_ATTRIBUTE]: ttl,
      [ARRIVAL_ATTRIBUTE]: this.#now(),
    });
    return context.passthrough === undefined && context.trace === undefined
      ? entered
      : // Only these two: the context may be a larger object, which the event would keep alive.
        entered.carrying({ passthrough: context.passthrough, trace: context.trace });
  }

  /** The wall clock as text; events that arrive within one millisecond share it. */
  #now(): string {
    const nowMs = this.#clock.now();
    if (nowMs !== this.#arrivalMs) {
      this.#arrivalMs = nowMs;
      this.#arrival = new Date(nowMs).toISOString();
    }
    return this.#arrival;
  }
}
