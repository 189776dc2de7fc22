/** Brokers of all classes before, while and after their channel can be had; KafkaSinks likewise. */
import type { Channel, ChannelRef, SubscribeOptions } from '@afflux/channels';
import { ChannelUnavailable, topologyInvalid } from '@afflux/channels';
import type { KafkaSink } from '@afflux/resources';
import { describe, expect, it, vi } from 'vitest';
import {
  kafkaBroker,
  kafkaSink,
  kafkaStatus,
  rabbitmqBroker,
  rabbitmqStatus,
} from '../testing/back-end-objects.ts';
import { event, startDispatch } from '../testing/dispatch-world.ts';
import { broker, readyBroker, trigger } from '../testing/objects.ts';

const URL = 'http://localhost:9000/first';
const SINK_PATH = '/default/sinks/out';
const UNAVAILABLE = {
  code: 'AFFLUX_CHANNEL_UNAVAILABLE',
  details: { status: 503, retryAfterMs: 1_000 },
};

/** The trigger `t`, with these annotations in its status. */
function subscribed(annotations: Record<string, string> = {}) {
  return trigger('t', {}, { status: { subscriberUri: URL, annotations } });
}

/** Fails the first openings of a channel. */
function failingOpenings(count: number) {
  let failures = 0;
  return {
    beforeOpen: () => {
      failures += 1;
      if (failures <= count) throw new ChannelUnavailable('away');
    },
  };
}

/** Remembers what was subscribed; a subscription of an id in `refused` throws. */
function spying() {
  const subscriptions: SubscribeOptions<unknown>[] = [];
  const refused = new Set<string>();
  const wrap = (channel: Channel): Channel => {
    const subscribe = channel.subscribe.bind(channel);
    channel.subscribe = (options) => {
      if (refused.has(options.id)) throw topologyInvalid('the queue is another');
      subscriptions.push(options);
      return subscribe(options);
    };
    return channel;
  };
  return { subscriptions, refused, wrap };
}

describe('a broker that is known', () => {
  it.each([
    ['MTChannelBasedBroker', broker()],
    ['Kafka', kafkaBroker()],
    ['RabbitMQBroker', rabbitmqBroker()],
  ])('of class %s: producers come back later until it has a channel', async (_class, object) => {
    const world = await startDispatch();
    await world.put(object);
    await expect(world.post(event('1'))).rejects.toMatchObject(UNAVAILABLE);
    expect(world.hub.describe()).toEqual([]);
  });

  it('F07 opens its channel as soon as it can be had, with growing waits', async () => {
    const world = await startDispatch(failingOpenings(3));
    await world.put(readyBroker(), subscribed());
    for (const waitMs of [1_100, 2_200, 4_400]) {
      await expect(world.post(event('0'))).rejects.toMatchObject(UNAVAILABLE);
      await world.clock.advance(waitMs);
    }
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['1']);
    expect(world.messages()).toEqual(Array(3).fill('channel cannot be opened'));
  });

  it('does not wait when it changed', async () => {
    const world = await startDispatch(failingOpenings(1));
    await world.put(readyBroker());
    await world.put(readyBroker({ delivery: { retry: 1 } }));
    await world.post(event('1'));
  });

  it('F07 a channel that cannot start is opened again', async () => {
    let starts = 0;
    const wrap = (channel: Channel): Channel => {
      starts += 1;
      if (starts === 1) channel.start = () => Promise.reject(new ChannelUnavailable('away'));
      return channel;
    };
    const world = await startDispatch({ wrap });
    await world.put(readyBroker(), subscribed());
    await expect(world.post(event('0'))).rejects.toMatchObject(UNAVAILABLE);
    await world.clock.advance(1_100);
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['1']);
  });

  it('that is deleted meanwhile is not opened any more', async () => {
    const opened: ChannelRef[] = [];
    const world = await startDispatch({
      beforeOpen: (ref) => {
        opened.push(ref);
        throw new ChannelUnavailable('away');
      },
    });
    await world.put(readyBroker());
    await world.remove(readyBroker());
    await world.clock.advance(60_000);
    expect(opened).toHaveLength(1);
    await expect(world.post(event('1'))).rejects.toThrow('no route');
  });
});

describe('classes with a back-end of their own', () => {
  it.each([
    ['Kafka', kafkaBroker({ status: kafkaStatus() }), { 'group.id': 'g' }, 'g'],
    [
      'RabbitMQBroker',
      rabbitmqBroker({ status: rabbitmqStatus() }),
      { 'afflux.dev/rabbitmq-queue': 'q' },
      'q',
    ],
  ])('%s: the broker is the channel, the status of the trigger names its part', async (...row) => {
    const [, object, annotations, storageName] = row;
    const { subscriptions, wrap } = spying();
    const world = await startDispatch({ wrap });
    await world.put(object, subscribed());
    expect(subscriptions).toEqual([]);
    await world.put(subscribed(annotations));
    await world.post(event('1'));
    await world.settled();
    expect(world.hub.describe()).toMatchObject([
      { ref: { kind: 'Broker', namespace: 'default', name: 'main' } },
    ]);
    expect(subscriptions[0]).toMatchObject({ id: 'default/t', storageName });
    expect(world.sender.idsTo(URL)).toEqual(['1']);
  });

  it('the first event meets the triggers that were there before the channel', async () => {
    const world = await startDispatch();
    await world.put(subscribed({ 'group.id': 'g' }), kafkaBroker());
    await world.put(kafkaBroker({ status: kafkaStatus() }));
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['1']);
  });
});

describe('a subscription that the channel refuses', () => {
  it('is tried again, and holds up nobody else', async () => {
    const { refused, wrap } = spying();
    refused.add('default/t');
    const world = await startDispatch({ wrap });
    const other = trigger(
      'other',
      {},
      { status: { subscriberUri: 'http://localhost:9000/other' } },
    );
    await world.put(readyBroker(), subscribed(), other);
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo('http://localhost:9000/other')).toEqual(['1']);
    expect(world.messages()).toContain('trigger cannot be subscribed');
    refused.clear();
    await world.clock.advance(5_000);
    await world.post(event('2'));
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['2']);
  });

  it('a back-end that refuses it later is asked again, and the backlog stays', async () => {
    let tries = 0;
    const wrap = (channel: Channel): Channel => {
      const subscribe = channel.subscribe.bind(channel);
      channel.subscribe = (options) => {
        const subscription = subscribe(options);
        tries += 1;
        if (tries > 1) return subscription;
        const ready = Promise.reject(topologyInvalid('the queue is another'));
        return Object.assign(subscription, { ready });
      };
      return channel;
    };
    const world = await startDispatch({ wrap });
    await world.put(readyBroker(), subscribed());
    await expect.poll(() => world.messages()).toContain('trigger cannot be subscribed');
    await world.clock.advance(5_000);
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['1']);
  });
});

describe('capabilities', () => {
  it('a window for duplicates goes to channels that can keep it, and follows the annotation', async () => {
    const published: unknown[] = [];
    const wrap = (channel: Channel): Channel => {
      channel.publish = (_events, options) => {
        published.push(options);
      };
      return channel;
    };
    const annotated = (window: string) =>
      broker(
        {},
        {
          metadata: { annotations: { 'afflux.dev/deduplicate': window } },
          status: readyBroker().status,
        },
      );
    const able = await startDispatch({ wrap, capabilities: { deduplicates: true } });
    await able.put(annotated('10m'));
    await able.post(event('1'));
    await able.put(annotated('1m'));
    await able.post(event('1'));
    await able.put(readyBroker());
    await able.post(event('1'));
    const unable = await startDispatch({ wrap });
    await unable.put(annotated('10m'));
    await unable.post(event('1'));
    expect(published).toEqual([
      { deduplicateMs: 600_000 },
      { deduplicateMs: 60_000 },
      undefined,
      undefined,
    ]);
  });

  it('a trigger that wants to begin earlier than its channel can is told of in the log', async () => {
    const world = await startDispatch();
    const annotations = { 'afflux.dev/initial-offset': 'earliest' };
    const early = trigger('t', {}, { metadata: { annotations }, status: { subscriberUri: URL } });
    await world.put(readyBroker(), early);
    expect(world.messages()).toEqual([
      'trigger begins with new events: its channel keeps no others',
    ]);
  });

  it('an event that asks for it is delivered at its time, and holds up none that came after', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), subscribed());
    const notbefore = new Date(world.clock.now() + 60_000).toISOString();
    await world.post([event('later', { extensions: { notbefore } }), event('now')]);
    await world.sent(1);
    await world.clock.advance(59_000);
    expect(world.sender.idsTo(URL)).toEqual(['now']);
    await world.clock.advance(1_000);
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['now', 'later']);
  });

  it('an event that has expired is not delivered any more', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), subscribed());
    const expirytime = new Date(world.clock.now() - 1).toISOString();
    await world.post([event('late', { extensions: { expirytime } }), event('in time')]);
    await world.settled();
    expect(world.sender.idsTo(URL)).toEqual(['in time']);
  });

  it('F01 the steps of an event are told: its answer, its acknowledgement', async () => {
    const onStep = vi.fn();
    const world = await startDispatch({ onStep });
    await world.put(readyBroker(), subscribed());
    await world.post(event('1'));
    await world.settled();
    expect(onStep.mock.calls).toEqual([['before-response'], ['before-ack']]);
  });
});

describe('KafkaSink', () => {
  const ready = (spec: Partial<KafkaSink['spec']> = {}, uid = 'sink-uid') =>
    kafkaSink(spec, {
      metadata: { uid },
      status: { annotations: { 'default.topic': 'out-topic' } },
    });
  const post = (world: Awaited<ReturnType<typeof startDispatch>>, id: string) =>
    world.post(event(id), undefined, SINK_PATH);
  const held = (world: Awaited<ReturnType<typeof startDispatch>>) =>
    world.hub.describe().map(({ ref }) => ref);

  it('has its address at once and takes events when its topic is there', async () => {
    const published: string[] = [];
    const wrap = (channel: Channel): Channel => {
      channel.publish = (events) => {
        published.push(...events.map(({ id }) => id));
      };
      return channel;
    };
    const world = await startDispatch({ wrap });
    await world.put(kafkaSink());
    await expect(post(world, '1')).rejects.toMatchObject(UNAVAILABLE);
    await world.put(ready());
    await post(world, '2');
    expect(published).toEqual(['2']);
    expect(held(world)).toEqual([{ kind: 'KafkaSink', namespace: 'default', name: 'out' }]);
  });

  it('a broker of its name is another address', async () => {
    const world = await startDispatch();
    await world.put(ready());
    const named = readyBroker();
    await world.put({ ...named, metadata: { ...named.metadata, name: 'sinks' } });
    await post(world, '1');
    await world.post(event('2'), undefined, '/default/sinks');
    await world.settled();
    expect(held(world)).toHaveLength(2);
  });

  it('that is deleted has no address any more', async () => {
    const world = await startDispatch();
    await world.put(ready());
    await world.remove(kafkaSink());
    await expect(post(world, '1')).rejects.toThrow('no route');
    expect(held(world)).toEqual([]);
  });

  it('F07 is opened again when its channel could not be had', async () => {
    const world = await startDispatch(failingOpenings(1));
    await world.put(ready());
    await expect(post(world, '1')).rejects.toMatchObject(UNAVAILABLE);
    await world.clock.advance(1_100);
    await post(world, '2');
  });

  it('that moves to another Kafka gets another channel', async () => {
    const made: Channel[] = [];
    const wrap = (channel: Channel): Channel => {
      made.push(channel);
      return channel;
    };
    const world = await startDispatch({ wrap });
    await world.put(ready());
    await world.put(ready({ bootstrapServers: ['other:9092'] }));
    await post(world, '1');
    expect(made.map(({ state }) => state)).toEqual(['closed', 'running']);
  });
});
