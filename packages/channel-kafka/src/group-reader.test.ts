import { REASON } from '@afflux/channels/testkit';
import { encodeKafka, makeEvent } from '@afflux/events';
import { noopLogger } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { expect, test } from 'vitest';
import { type GroupConsumer, type KafkaAdmin, type KafkaRecord } from './client/index.ts';
import { GroupReader } from './group-reader.ts';
import { decodeRecord } from './wire.ts';

const TOPIC = 'orders';

function recordAt(offset: number): KafkaRecord {
  const { key, value, headers } = encodeKafka(
    makeEvent({ id: String(offset), source: '/s', type: 't' }),
  );
  return { key, value, headers, offset, timestampMs: 0 };
}

/** A member of a group whose server takes no commits. */
function startReader() {
  const admin = { committed: () => Promise.resolve([{ topic: TOPIC, partition: 0, offset: 0 }]) };
  const paused = new Set<number>();
  const consumer = {
    commit: () => Promise.reject(new Error('away')),
    pause: (_: string, partition: number) => paused.add(partition),
    resume: (_: string, partition: number) => paused.delete(partition),
  };
  const clock = new FakeClock();
  const givenUp: [number, string][] = [];
  const reader = new GroupReader(
    {
      clock,
      logger: noopLogger,
      admin: admin as unknown as KafkaAdmin,
      accept: (record) => decodeRecord(record).event,
      onReadable: () => undefined,
      onGivenUp: ({ offset }, { reason }) => givenUp.push([offset, reason]),
      onQuiet: () => undefined,
      onLostRecords: () => undefined,
    },
    'group',
    [TOPIC],
    { eventsMax: 100, bytesMax: 1_000_000 },
    undefined,
  );
  reader.consumer = consumer as unknown as GroupConsumer;
  const read = async (offsets: readonly number[]): Promise<void> => {
    reader.onAssigned({ [TOPIC]: [0] }, false);
    const records = offsets.map(recordAt);
    const endOffset = offsets.length;
    await reader.onRecords({
      topic: TOPIC,
      partition: 0,
      records,
      nextOffset: endOffset,
      endOffset,
    });
  };
  return { reader, read, paused, clock, givenUp };
}

function takeAll(reader: GroupReader) {
  const taken = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) taken.push(next);
  return taken;
}

test('a partition that comes back brings nothing that was done, committed or not', async () => {
  const { reader, read } = startReader();
  await read([0, 1, 2, 3]);
  const [first, , third] = takeAll(reader);
  for (const record of [first, third]) if (record !== undefined) reader.done(record);
  await expect(reader.commit()).rejects.toThrow('away');
  reader.onLost();
  await read([0, 1, 2, 3, 4]);
  expect(takeAll(reader).map(({ offset, attempt }) => [offset, attempt])).toEqual([
    [1, 2],
    [3, 2],
    [4, 1],
  ]);
  reader.stop();
});

test('a partition that was paused when it was lost is read when it comes back', async () => {
  const { reader, read, paused } = startReader();
  await read(Array.from({ length: 200 }, (_, offset) => offset));
  expect([...paused]).toEqual([0]);
  reader.onAssigned({ [TOPIC]: [] }, true);
  reader.onAssigned({ [TOPIC]: [0] }, true);
  expect([...paused]).toEqual([]);
  reader.stop();
});

test('a record that was given up is not handed out again, and its letter is due after its wait', async () => {
  const { reader, read, clock, givenUp } = startReader();
  await read([0, 1]);
  const [first, second] = takeAll(reader);
  if (first === undefined || second === undefined) return expect.fail('nothing to take');
  first.givenUp = REASON;
  reader.release(first, 1_000, undefined);
  reader.release(second, 1_000, undefined);
  await clock.advance(999);
  expect(givenUp).toEqual([]);
  await clock.advance(1);
  expect(givenUp).toEqual([[0, 'status']]);
  expect(reader.inFlight).toBe(1);
  expect(takeAll(reader).map(({ offset, attempt }) => [offset, attempt])).toEqual([[1, 2]]);
  reader.done(first);
  reader.done(second);
  expect(reader.inFlight).toBe(0);
  reader.stop();
});

test('after a jump of the clock a record waits no longer than it was to', async () => {
  const { reader, read, clock } = startReader();
  await read([0]);
  clock.jumpWallClock(3_600_000);
  const [record] = takeAll(reader);
  if (record !== undefined) reader.release(record, 1_000, undefined);
  clock.jumpWallClock(-3_600_000);
  reader.onLost();
  await read([0]);
  expect(takeAll(reader)).toEqual([]);
  await clock.advance(1_000);
  expect(takeAll(reader).map(({ offset, attempt }) => [offset, attempt])).toEqual([[0, 2]]);
  reader.stop();
});
