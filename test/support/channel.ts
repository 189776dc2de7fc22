/** The smallest world with a channel in it: one channel, one subscription, one subscriber. */
import type { Afflux } from '@afflux/server';
import { channelYaml, subscriptionYaml } from './manifests.ts';
import { startAfflux } from './process.ts';
import { startSubscriber, type Answer, type Subscriber } from './subscriber.ts';

/** What is true of one is true of the other. */
export const CHANNEL_KINDS = ['InMemoryChannel', 'Channel'] as const;

interface ChannelWorld {
  readonly afflux: Afflux;
  readonly url: string;
  readonly sink: Subscriber;
}

/** A channel `main` with one subscription `one`. */
export async function startChannel(
  options: {
    readonly kind?: 'Channel' | 'InMemoryChannel';
    readonly answer?: Answer;
    /** Further lines of the Subscription's spec. */
    readonly spec?: string;
    readonly channelSpec?: string;
    readonly annotations?: string;
  } = {},
): Promise<ChannelWorld> {
  const { kind = 'InMemoryChannel', answer = 200, spec = '', channelSpec = '' } = options;
  const sink = await startSubscriber(answer);
  const afflux = await startAfflux(
    channelYaml({
      name: 'main',
      kind,
      spec: channelSpec,
      annotations: options.annotations ?? '',
    }) + subscriptionYaml({ name: 'one', channel: 'main', kind, uri: sink.url, spec }),
  );
  return { afflux, url: afflux.channelUrl('default', 'main'), sink };
}
