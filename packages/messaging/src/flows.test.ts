/** Sequences and Parallels from YAML-like objects to requests on the wire (eventing contract §8.4). */
import { describe, expect, test } from 'vitest';
import { channelRef, memoryChannel, parallel, sequence, subscription } from './testing/objects.ts';
import { postEvent } from './testing/post.ts';
import { type Answer, replying, startSink } from './testing/sinks.ts';
import { startWorld, type World } from './testing/world.ts';

/** Replies with the event it got, if its type is this one. */
const onlyType =
  (type: string): Answer =>
  ({ event }, response) => {
    if (event.type !== type) {
      response.writeHead(200).end();
      return;
    }
    response.writeHead(200, {
      'ce-specversion': '1.0',
      'ce-id': event.id,
      'ce-source': event.source,
      'ce-type': event.type,
      'ce-filtered': 'yes',
    });
    response.end(event.data);
  };

async function addressOf(world: World, kind: 'Sequence' | 'Parallel', name: string) {
  const { status } = await world.get(kind, name);
  return (status as { address?: { url?: string } } | undefined)?.address?.url ?? '';
}

function destination(name: string) {
  return { ref: { ...channelRef(name), namespace: 'default' } };
}

describe('Sequence', () => {
  test('every step gets what the one before replied, the last reply goes to the reply', async () => {
    const world = await startWorld();
    const steps = [];
    for (const step of ['a', 'b', 'c']) steps.push(await startSink(replying(step)));
    const sink = await startSink();
    await world.apply(
      memoryChannel('out'),
      subscription('out', { channel: channelRef('out'), subscriber: { uri: sink.url } }),
      sequence('pipe', {
        steps: steps.map(({ url }) => ({ uri: url })),
        reply: destination('out'),
      }),
    );
    await postEvent(await addressOf(world, 'Sequence', 'pipe'), 'e-1');
    await sink.got(1);
    expect(sink.received[0]?.event.data?.toString()).toBe('hello>a>b>c');
  });

  test('a step that replies with nothing ends the flow', async () => {
    const world = await startWorld();
    const [first, second] = [await startSink(), await startSink()];
    await world.apply(sequence('pipe', { steps: [{ uri: first.url }, { uri: second.url }] }));
    await postEvent(await addressOf(world, 'Sequence', 'pipe'), 'e-1');
    await first.got(1);
    await world.settled();
    expect(second.received).toEqual([]);
  });

  test('the delivery of a step is that of its events', async () => {
    const world = await startWorld();
    const [failing, dead] = [
      await startSink((_received, response) => response.writeHead(500).end()),
      await startSink(),
    ];
    await world.apply(
      sequence('pipe', {
        steps: [{ uri: failing.url, delivery: { retry: 1, deadLetterSink: { uri: dead.url } } }],
      }),
    );
    await postEvent(await addressOf(world, 'Sequence', 'pipe'), 'e-1');
    await dead.got(1);
    expect(failing.received).toHaveLength(2);
  });

  test('a step that is taken out while the flow runs is passed over from then on', async () => {
    const world = await startWorld();
    const [a, b, sink] = [
      await startSink(replying('a')),
      await startSink(replying('b')),
      await startSink(),
    ];
    await world.apply(
      sequence('pipe', { steps: [{ uri: a.url }, { uri: b.url }], reply: { uri: sink.url } }),
    );
    const url = await addressOf(world, 'Sequence', 'pipe');
    await postEvent(url, 'e-1');
    await sink.got(1);
    await world.change('Sequence', 'pipe', { spec: { steps: [{ uri: a.url }] } });
    await postEvent(url, 'e-2');
    await sink.got(2);
    expect(sink.received.map(({ event }) => event.data?.toString())).toEqual([
      'hello>a>b',
      'hello>a',
    ]);
  });
});

describe('Parallel', () => {
  test('only the branch whose filter replies goes on, with what the filter replied', async () => {
    const world = await startWorld();
    const [yes, no] = [await startSink(onlyType('wanted')), await startSink(onlyType('other'))];
    const [first, second] = [
      await startSink(replying('first')),
      await startSink(replying('second')),
    ];
    const sink = await startSink();
    await world.apply(
      parallel('fork', {
        branches: [
          { filter: { uri: yes.url }, subscriber: { uri: first.url } },
          { filter: { uri: no.url }, subscriber: { uri: second.url } },
        ],
        reply: { uri: sink.url },
      }),
    );
    await postEvent(await addressOf(world, 'Parallel', 'fork'), 'e-1', { type: 'wanted' });
    await sink.got(1);
    await world.settled();
    expect(first.received[0]?.headers).toMatchObject({ 'ce-filtered': 'yes' });
    expect(second.received).toEqual([]);
    expect(sink.received.map(({ event }) => event.data?.toString())).toEqual(['hello>first']);
  });

  test('a branch without a filter gets every event; its own reply wins', async () => {
    const world = await startWorld();
    const [a, b] = [await startSink(replying('a')), await startSink(replying('b'))];
    const [own, shared] = [await startSink(), await startSink()];
    await world.apply(
      parallel('fork', {
        branches: [
          { subscriber: { uri: a.url }, reply: { uri: own.url } },
          { subscriber: { uri: b.url } },
        ],
        reply: { uri: shared.url },
      }),
    );
    await postEvent(await addressOf(world, 'Parallel', 'fork'), 'e-1');
    await Promise.all([own.got(1), shared.got(1)]);
    expect(own.received[0]?.event.type).toBe('a');
    expect(shared.received[0]?.event.type).toBe('b');
  });
});
