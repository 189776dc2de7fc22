/**
 * Where a channel takes events. The answer to the producer is 202 once the channel's promise is kept: a memory
 * channel has the event in the queue of every subscriber, others have it stored. So every channel acknowledges as
 * Knative's do with `async-handler: "true"`, and that annotation changes nothing. Events enter as they are: a
 * channel adds no attribute.
 */
import {
  type Capabilities,
  type Channel,
  ChannelUnavailable,
  DuplicateWindow,
  publishOnce,
} from '@afflux/channels';
import { eventTimesProblem } from '@afflux/delivery';
import type { CloudEvent } from '@afflux/events';
import type { EventRoute, RequestContext, RouteTable } from '@afflux/ingress';
import type { Clock, OnStep } from '@afflux/kernel';
import { MessagingError } from '../errors.ts';
import { channelHost, channelPath } from '../model/names.ts';

export interface ChannelRouteOptions {
  readonly namespace: string;
  readonly name: string;
  readonly channel: Channel;
  readonly capabilities: Capabilities;
  readonly clock: Clock;
  /** Told of each event that was taken. */
  readonly onAccepted: ((event: CloudEvent) => void) | undefined;
  /** Told before an answer. */
  readonly onStep?: OnStep | undefined;
}

export class ChannelRoute implements EventRoute {
  readonly namespace: string;
  readonly path: string;
  readonly #options: ChannelRouteOptions;
  #isOpen = true;
  #deduplicateMs: number | undefined;
  /** Made with the first window, for channels that cannot suppress duplicates themselves. */
  #window: DuplicateWindow | undefined;

  constructor(options: ChannelRouteOptions) {
    this.namespace = options.namespace;
    this.path = channelPath(options.namespace, options.name);
    this.#options = options;
  }

  /** Window in which an event with the `source` and `id` of another counts as the same; undefined: none. */
  set deduplicateMs(windowMs: number | undefined) {
    this.#deduplicateMs = windowMs;
    if (windowMs === undefined) this.#window = undefined;
    else this.#window ??= new DuplicateWindow({ clock: this.#options.clock });
  }

  /** Requests that found this route before it was taken off are refused as well. */
  close(): void {
    this.#isOpen = false;
  }

  accept(events: readonly CloudEvent[], context: RequestContext): Promise<void> | undefined {
    if (!this.#isOpen) throw this.#gone();
    for (const event of events) this.#checkTimes(event);
    const { passthrough, trace } = context;
    const carriesNothing = passthrough === undefined && trace === undefined;
    const pending = this.#publish(
      // Only these two: the context may be a larger object, which the event would keep alive.
      carriesNothing ? events : events.map((event) => event.carrying({ passthrough, trace })),
    );
    const { onAccepted, onStep } = this.#options;
    if (onAccepted === undefined && onStep === undefined) return pending;
    if (pending !== undefined)
      return pending.then(() => {
        this.#noteAccepted(events);
      });
    this.#noteAccepted(events);
    return undefined;
  }

  #publish(events: readonly CloudEvent[]): Promise<void> | undefined {
    const { channel, capabilities } = this.#options;
    const window = this.#window;
    if (window === undefined || this.#deduplicateMs === undefined) return channel.publish(events);
    const target = { channel, isExact: capabilities.deduplicates, window };
    return publishOnce(target, events, this.#deduplicateMs);
  }

  #noteAccepted(events: readonly CloudEvent[]): void {
    const { onAccepted, onStep } = this.#options;
    if (onAccepted !== undefined) for (const event of events) onAccepted(event);
    onStep?.('before-response');
  }

  /** What an event asks of the time of its delivery must be readable, and something the channel can do. */
  #checkTimes(event: CloudEvent): void {
    const { capabilities, clock } = this.#options;
    const times = { isDelayed: capabilities.delayed, nowMs: clock.now() };
    const problem = eventTimesProblem(event, times);
    if (problem === undefined) return;
    throw new MessagingError(`the attribute ${problem.attribute} ${problem.reason}`, {
      code: 'AFFLUX_MESSAGING_EVENT_TIME',
      fault: 'user',
      details: { status: 400, attribute: problem.attribute },
    });
  }

  #gone(): MessagingError {
    return new MessagingError(`channel "${this.namespace}/${this.#options.name}" was deleted`, {
      code: 'AFFLUX_MESSAGING_CHANNEL_GONE',
      fault: 'user',
      details: { status: 404 },
    });
  }
}

/** At the address of a channel that cannot be opened: a producer must not take it for a wrong address. */
export class ClosedDoor implements EventRoute {
  readonly namespace: string;
  readonly path: string;
  readonly #name: string;

  constructor({ namespace, name }: { readonly namespace: string; readonly name: string }) {
    this.namespace = namespace;
    this.path = channelPath(namespace, name);
    this.#name = name;
  }

  putUp(routes: RouteTable): void {
    routes.setPath(this.path, this);
    routes.setHost(channelHost(this.namespace, this.#name), this);
  }

  /** Leaves routes alone that have replaced it. */
  takeOff(routes: RouteTable): void {
    routes.deletePath(this.path, this);
    routes.deleteHost(channelHost(this.namespace, this.#name), this);
  }

  accept(): never {
    const channel = `${this.namespace}/${this.#name}`;
    throw new ChannelUnavailable(`channel "${channel}" cannot take events at present`, {
      details: { namespace: this.namespace, channel: this.#name },
    });
  }
}
