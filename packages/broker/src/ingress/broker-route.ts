/**
 * The way into one broker: count the hop, note the arrival, publish. Also used for the replies of the broker's
 * own triggers, which enter here without a detour over the network.
 */
import type { Channel } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { EventRoute, RequestContext } from '@afflux/ingress';
import type { BoundCounter, Clock, Meter } from '@afflux/kernel';
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
  readonly channel: Channel;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Told of each event that was taken; must be quick and must not throw. */
  readonly onAccepted?: ((event: CloudEvent, broker: BrokerIdentity) => void) | undefined;
  /** Handed to `onAccepted`. */
  readonly identity: BrokerIdentity;
}

export class BrokerRoute implements EventRoute {
  readonly namespace: string;
  readonly path: string;
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #onAccepted: BrokerRouteOptions['onAccepted'];
  readonly #identity: BrokerIdentity;
  readonly #hopLimitReached: BoundCounter;
  #arrivalMs = -1;
  #arrival = '';

  constructor(options: BrokerRouteOptions) {
    this.namespace = options.namespace;
    this.path = brokerPath(options.namespace, options.name);
    this.#channel = options.channel;
    this.#clock = options.clock;
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

  accept(events: readonly CloudEvent[], context: RequestContext): Promise<void> | undefined {
    const [first] = events;
    const entering =
      events.length === 1 && first !== undefined
        ? [this.#enter(first, context)]
        : events.map((event) => this.#enter(event, context));
    const pending = this.#channel.publish(entering);
    if (this.#onAccepted === undefined) return pending;
    if (pending !== undefined)
      return pending.then(() => {
        this.#noteAccepted(entering);
      });
    this.#noteAccepted(entering);
    return undefined;
  }

  #noteAccepted(events: readonly CloudEvent[]): void {
    for (const event of events) this.#onAccepted?.(event, this.#identity);
  }

  #enter(event: CloudEvent, context: RequestContext): CloudEvent {
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
