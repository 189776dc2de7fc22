import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCommitMetadata, writeCommitMetadata } from './commit-metadata.ts';
import { PartitionTracker } from './partition-tracker.ts';

test('the commit point never passes a record that is not done, in whatever order they are done', () => {
  const offsets = fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(offsets, fc.infiniteStream(fc.nat()), fc.nat(5), (given, chance, marker) => {
      const sorted = [...given].sort((a, b) => a - b);
      const tracker = new PartitionTracker<number>(sorted[0] ?? 0);
      for (const offset of sorted) tracker.hold(offset, offset);
      const end = (sorted.at(-1) ?? 0) + 1 + marker;
      tracker.passed(end);
      const left = [...sorted];
      let before = tracker.commitPoint;
      while (left.length > 0) {
        const [offset = 0] = left.splice(chance.next().value % left.length, 1);
        expect(tracker.done(offset)).toBe(true);
        expect(tracker.done(offset)).toBe(false);
        expect(tracker.commitPoint).toBe(left[0] ?? end);
        expect(tracker.commitPoint).toBeGreaterThanOrEqual(before);
        before = tracker.commitPoint;
      }
    }),
  );
});

test('records that were read before are not new', () => {
  const tracker = new PartitionTracker<string>(5_000_000_000);
  tracker.hold(5_000_000_000, 'first');
  tracker.hold(5_000_000_007, 'after a gap');
  expect(tracker.isNew(5_000_000_003)).toBe(false);
  expect(tracker.isNew(5_000_000_008)).toBe(true);
  tracker.done(5_000_000_000);
  expect(tracker.commitPoint).toBe(5_000_000_007);
  expect(tracker.window).toBe(1);
});

test('what was tried, and what was done behind the offset, goes with the commit and comes back', () => {
  const tried = [
    {
      offset: 12,
      attempt: 3,
      dueMs: 1_700_000_000_000,
      delayMs: 30_000,
      progress: Buffer.from('half-way'),
    },
    { offset: 13, attempt: 2, dueMs: 1_700_000_000_000, delayMs: 7, progress: undefined },
    { offset: 15, attempt: 1, dueMs: 0, delayMs: 0, progress: undefined },
  ];
  const text = writeCommitMetadata({ base: 12, tried, open: [12, 13, 15], readTo: 18 });
  const notes = readCommitMetadata(12, text);
  expect(notes.tried).toEqual(tried);
  const done = [11, 12, 13, 14, 15, 16, 17, 18].filter((offset) => notes.isDone(offset));
  expect(done).toEqual([14, 16, 17]);
});

test('nothing counts as done that was not, however little room there is', () => {
  const open = fc.uniqueArray(fc.nat(5_000), { maxLength: 800 });
  fc.assert(
    fc.property(open, (given) => {
      const sorted = [...given].sort((a, b) => a - b);
      const text = writeCommitMetadata({ base: 0, tried: [], open: sorted, readTo: 5_001 });
      expect(text.length).toBeLessThanOrEqual(4_000);
      const { isDone } = readCommitMetadata(0, text);
      expect(sorted.filter((offset) => isDone(offset))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('the text stays below the bound of Kafka; the lowest records are kept', () => {
  const tried = Array.from({ length: 500 }, (_, index) => ({
    offset: index,
    attempt: 2,
    dueMs: 1_700_000_000_000,
    delayMs: 30_000,
    progress: Buffer.alloc(30),
  }));
  const open = tried.map(({ offset }) => offset * 2);
  const text = writeCommitMetadata({ base: 0, tried, open, readTo: 1_000 });
  expect(text.length).toBeLessThanOrEqual(4_000);
  const back = readCommitMetadata(0, text).tried;
  expect(back.length).toBeGreaterThan(20);
  expect(back).toEqual(tried.slice(0, back.length));
});

test.each([undefined, '', 'nonsense', '{}', '{"v":2,"to":9,"o":[],"r":[]}', '{"v":1,"r":[["x"]]}'])(
  'metadata %j of others counts for nothing',
  (text) => {
    const notes = readCommitMetadata(7, text);
    expect(notes.tried).toEqual([]);
    expect(notes.isDone(8)).toBe(false);
  },
);
