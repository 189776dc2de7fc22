/** The way into the topic of one KafkaSink. Events enter as they are: a sink adds no attribute. */
import { ChannelUnavailable, type Channel } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { EventRoute, RequestContext } from '@afflux/ingress';
import type { OnStep } from '@afflux/kernel';
import { sinkPath } from '../model/kinds.ts';

export class SinkRoute implements EventRoute {
  readonly namespace: string;
  readonly path: string;
  readonly #name: string;
  readonly #onStep: OnStep | undefined;
  #channel: Channel | undefined;

  constructor(namespace: string, name: string, onStep?: OnStep) {
    this.namespace = namespace;
    this.path = sinkPath(namespace, name);
    this.#name = name;
    this.#onStep = onStep;
  }

  /** Lets events in from now on. */
  open(channel: Channel): void {
    this.#channel = channel;
  }

  /** Requests that found this route before it was taken off are refused as well. */
  close(): void {
    this.#channel = undefined;
  }

  accept(events: readonly CloudEvent[], { trace }: RequestContext): Promise<void> | undefined {
    if (this.#channel === undefined) {
      throw new ChannelUnavailable(
        `KafkaSink "${this.namespace}/${this.#name}" cannot take events at present`,
        { details: { namespace: this.namespace, sink: this.#name } },
      );
    }
    const entering =
      trace === undefined
        ? events
        : events.map((event) => event.carrying({ passthrough: undefined, trace }));
    const pending = this.#channel.publish(entering);
    if (this.#onStep === undefined) return pending;
    if (pending !== undefined) return pending.then(() => this.#onStep?.('before-response'));
    this.#onStep('before-response');
    return undefined;
  }
}
