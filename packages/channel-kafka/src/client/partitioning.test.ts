import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { partitionOf } from './murmur2.ts';
import { byPartition } from './producer.ts';
import { assignSticky } from './sticky-assigner.ts';

test('a key has the partition that the client library gives it, which is that of the Java client', () => {
  const theirs = Partitioners.DefaultPartitioner();
  const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 50 }), (bytes, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        partitionId,
        leader: 0,
        partitionErrorCode: 0,
        replicas: [],
        isr: [],
      }));
      const message = { key: Buffer.from(bytes), value: null };
      const expected = theirs({ topic: 't', partitionMetadata, message });
      expect(partitionOf(bytes, count)).toBe(expected);
    }),
  );
});

const partitions = (count: number) =>
  Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }));

test('every partition has one owner, and shares differ by one at most', () => {
  const claims = fc.array(fc.array(fc.nat(20), { maxLength: 20 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(claims, fc.nat(20), (owned, count) => {
      const members = owned.map((numbers, index) => ({
        memberId: `m${String(index)}`,
        owned: { t: numbers },
      }));
      const shares = [...assignSticky(members, partitions(count)).values()];
      const given = shares.flat().map(({ partition }) => partition);
      expect(given.sort((a, b) => a - b)).toEqual(partitions(count).map((each) => each.partition));
      const sizes = shares.map((share) => share.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('who is there keeps what it has when another one comes', () => {
  const members = [
    { memberId: 'old', owned: { t: [0, 1, 2, 3, 4, 5] } },
    { memberId: 'new', owned: {} },
  ];
  const shares = assignSticky(members, partitions(6));
  expect(shares.get('old')?.map(({ partition }) => partition)).toEqual([0, 1, 2]);
});

test('what is tried again goes in parts of one partition each, in its order', () => {
  const key = fc.option(fc.uint8Array({ minLength: 1, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (keys, count) => {
      const records = keys.map((bytes, index) => ({
        key: bytes === null ? null : Buffer.from(bytes),
        value: Buffer.from(String(index)),
        headers: {},
      }));
      const parts = byPartition(records, count);
      expect(parts.flat().length).toBe(records.length);
      for (const part of parts) {
        const targets = part.map((record) => record.key && partitionOf(record.key, count));
        expect(new Set(targets).size).toBe(1);
        const order = part.map(({ value }) => Number(String(value)));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    }),
  );
});
