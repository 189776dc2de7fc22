/** KafkaChannel is served in two versions, as by Knative: whoever names either one means the same objects. */
import { describe, expect, it } from 'vitest';
import { drained, post, readyOf, seen, startAfflux } from '../support/process.ts';
import { BACKING_KIND } from '../support/scenario-channel.ts';
import { startSubscriber } from '../support/subscriber.ts';

const OLDER = { apiVersion: 'messaging.knative.dev/v1beta1', kind: 'KafkaChannel' };
const NEWER = { ...OLDER, apiVersion: 'messaging.knative.dev/v1' };

describe.skipIf(BACKING_KIND !== 'KafkaChannel')('the versions of KafkaChannel', () => {
  it.each([
    [OLDER, NEWER],
    [NEWER, OLDER],
  ])('a Subscription to %j reads the channel of %j', async (named, made) => {
    const subscriber = await startSubscriber();
    const channel = { ...made, metadata: { name: 'orders' }, spec: { numPartitions: 1 } };
    const subscription = {
      apiVersion: 'messaging.knative.dev/v1',
      kind: 'Subscription',
      metadata: { name: 'reader' },
      spec: { channel: { ...named, name: 'orders' }, subscriber: { uri: subscriber.url } },
    };
    const afflux = await startAfflux('');
    await afflux.apply([subscription]);
    await afflux.apply([channel]);
    expect(await readyOf(afflux, 'Subscription', 'reader')).toMatchObject({ ready: 'True' });
    const [older, newer] = await Promise.all(
      [OLDER, NEWER].map((version) => afflux.get(version, 'default', 'orders')),
    );
    expect({ ...older, apiVersion: '' }).toEqual({ ...newer, apiVersion: '' });
    const shown = afflux.objects().filter(({ kind }) => kind === 'KafkaChannel');
    expect(shown).toMatchObject([{ name: 'orders', ready: 'True' }]);
    await post(shown[0]?.url ?? '', { id: 'one' });
    await drained(afflux);
    expect(subscriber.ids).toEqual(['one']);
  });

  it('a template in the older version makes channels that Channel and Parallel find again', async () => {
    const subscriber = await startSubscriber();
    const channelTemplate = OLDER;
    const afflux = await startAfflux('');
    await afflux.apply([
      {
        apiVersion: 'messaging.knative.dev/v1',
        kind: 'Channel',
        metadata: { name: 'face' },
        spec: { channelTemplate },
      },
      {
        apiVersion: 'messaging.knative.dev/v1',
        kind: 'Subscription',
        metadata: { name: 'into' },
        spec: {
          channel: { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: 'face' },
          subscriber: {
            ref: { apiVersion: 'flows.knative.dev/v1', kind: 'Parallel', name: 'par' },
          },
        },
      },
      {
        apiVersion: 'flows.knative.dev/v1',
        kind: 'Parallel',
        metadata: { name: 'par' },
        spec: { channelTemplate, branches: [{ subscriber: { uri: subscriber.url } }] },
      },
    ]);
    expect(await readyOf(afflux, 'Subscription', 'into')).toMatchObject({ ready: 'True' });
    expect(await readyOf(afflux, 'Parallel', 'par')).toMatchObject({ ready: 'True' });
    const { address } = (await seen(afflux, 'Channel', 'face')).status;
    await post(address?.url ?? '', { id: 'one' });
    await drained(afflux);
    expect(subscriber.ids).toEqual(['one']);
    const names = afflux.objects().filter(({ kind }) => kind === 'KafkaChannel');
    expect(names.map(({ name }) => name)).toEqual(['face', 'par-kn-parallel', 'par-kn-parallel-0']);
  });
});
