/**
 * Where a channel takes events. The answer to the producer is 202 once the event stands in the queue of every
 * subscriber, or there is none; so every channel acknowledges as Knative's do with `async-handler: "true"`, and
 * that annotation changes nothing. Events enter as they are: a channel adds no attribute.
 */
import type { Channel } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { EventRoute, RequestContext } from '@afflux/ingress';
import { MessagingError } from '../errors.ts';
import { channelPath } from '../model/names.ts';

export interface ChannelRouteOptions {
  readonly namespace: string;
  readonly name: string;
  readonly channel: Channel;
  /** Told of each event that was taken. */
  readonly onAccepted: ((event: CloudEvent) => void) | undefined;
}

export class ChannelRoute implements EventRoute {
  readonly namespace: string;
  readonly path: string;
  readonly #options: ChannelRouteOptions;
  #isOpen = true;

  constructor(options: ChannelRouteOptions) {
    this.namespace = options.namespace;
    this.path = channelPath(options.namespace, options.name);
    this.#options = options;
  }

  /** Requests that found this route before it was taken off are refused as well. */
  close(): void {
    this.#isOpen = false;
  }

  accept(events: readonly CloudEvent[], context: RequestContext): Promise<void> | undefined {
    if (!this.#isOpen) throw this.#gone();
    const { passthrough, trace } = context;
    const carriesNothing = passthrough === undefined && trace === undefined;
    const pending = this.#options.channel.publish(
      // Only these two: the context may be a larger object, which the event would keep alive.
      carriesNothing ? events : events.map((event) => event.carrying({ passthrough, trace })),
    );
    const { onAccepted } = this.#options;
    if (onAccepted === undefined) return pending;
    if (pending !== undefined)
      return pending.then(() => {
        for (const event of events) onAccepted(event);
      });
    for (const event of events) onAccepted(event);
    return undefined;
  }

  #gone(): MessagingError {
    return new MessagingError(`channel "${this.namespace}/${this.#options.name}" was deleted`, {
      code: 'AFFLUX_MESSAGING_CHANNEL_GONE',
      fault: 'user',
      details: { status: 404 },
    });
  }
}
