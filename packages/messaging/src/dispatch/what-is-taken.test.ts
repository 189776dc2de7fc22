import { describe, expect, test } from 'vitest';
import { memoryChannel, subscription } from '../testing/objects.ts';
import { postEvent } from '../testing/post.ts';
import { startSink } from '../testing/sinks.ts';
import { startWorld, type World } from '../testing/world.ts';

describe('times and duplicates of events', () => {
  test.each([
    ['notbefore', 'tomorrow', 400],
    ['expirytime', 'soon', 400],
    ['notbefore', '2020-01-01T00:00:00Z', 202],
    ['expirytime', '2999-01-01T00:00:00Z', 202],
  ])('%s: %s is answered with %i', async (name, value, expected) => {
    const world = await startWorld();
    await world.apply(memoryChannel('orders'));
    const headers = { [`ce-${name}`]: value };
    const { status } = await postEvent(world.channelUrl('orders'), 'e-1', { headers });
    expect(status).toBe(expected);
  });

  test('an event that must not be delivered yet is refused where the channel cannot wait', async () => {
    const world: World = await startWorld({
      dispatch: {
        openChannel: (ref) => {
          const lease = world.open(ref);
          return { ...lease, capabilities: { ...lease.capabilities, delayed: false } };
        },
      },
    });
    await world.apply(memoryChannel('orders'));
    const headers = { 'ce-notbefore': '2020-01-01T00:00:00Z' };
    const { status } = await postEvent(world.channelUrl('orders'), 'e-1', { headers });
    expect(status).toBe(400);
  });

  test('an event that comes again within the window is accepted, and delivered once', async () => {
    const world = await startWorld();
    const sink = await startSink();
    const annotations = { 'afflux.dev/deduplicate': '1h' };
    await world.apply(
      memoryChannel('orders', {}, { metadata: { annotations } }),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    const post = async (id: string) => (await postEvent(world.channelUrl('orders'), id)).status;
    expect([await post('e-1'), await post('e-1'), await post('e-2')]).toEqual([202, 202, 202]);
    await sink.got(2);
    await world.settled();
    expect(sink.ids().sort()).toEqual(['e-1', 'e-2']);
    // Without the annotation every event is delivered again.
    await world.change('InMemoryChannel', 'orders', {
      metadata: { annotations: { 'afflux.dev/deduplicate': null } },
    });
    expect(await post('e-1')).toBe(202);
    await sink.got(3);
  });

  test('an event is not delivered before its time', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    const dueMs = Date.now() + 300;
    const headers = { 'ce-notbefore': new Date(dueMs).toISOString() };
    await postEvent(world.channelUrl('orders'), 'later', { headers });
    await postEvent(world.channelUrl('orders'), 'now');
    await sink.got(2);
    expect(sink.ids()).toEqual(['now', 'later']);
    expect(Date.now()).toBeGreaterThanOrEqual(dueMs);
  });
});
