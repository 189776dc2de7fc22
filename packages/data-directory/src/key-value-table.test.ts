import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingLogger, FakeClock, settle } from '@afflux/kernel/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type DataDirectory, openDataDirectory } from './directory.ts';
import {
  type KeyValueTable,
  openKeyValueTable,
  VALUE_BYTES_MAX,
  WAITING_BYTES_MAX,
} from './key-value-table.ts';
import { damage, SmallDisk } from './testing/index.ts';

const DISK_BYTES = 6 * 2 ** 20;

const clock = new FakeClock();

function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'afflux-data-table-'));
  onTestFinished(() => {
    rmSync(place, { recursive: true });
  });
  return place;
}

function open(path = newPlace()): { directory: DataDirectory; table: KeyValueTable } {
  const directory = openDataDirectory(path, { clock, logger: recordingLogger() });
  onTestFinished(() => directory.close());
  return { directory, table: openKeyValueTable(directory, 'objects') };
}

/** Opens it as the next process would, whatever is still open. */
async function reopen(directory: DataDirectory) {
  await directory.close();
  return open(directory.path);
}

/** All of it; a damaged record fails the test. */
function contents(table: KeyValueTable): Record<string, string> {
  return Object.fromEntries(
    table.entries((key, why) => {
      expect.fail(`${key}: ${why}`);
    }),
  );
}

/** Waits, in real time, until it is true. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200_000; turn += 1) {
    if (isTrue()) return;
    await settle();
  }
  throw new Error('it did not become true');
}

test('what was written is there after a restart, in the order of its keys', async () => {
  const { directory, table } = open();
  await table.write([
    { key: 'b/ü', value: 'second' },
    { key: 'c', value: '' },
    { key: 'a', value: 'first' },
    { key: 'd', value: 'removed' },
  ]);
  await table.write([{ key: 'd', value: undefined }]);
  const { table: again } = await reopen(directory);
  expect([...again.entries(() => expect.fail())]).toEqual([
    ['a', 'first'],
    ['b/ü', 'second'],
    ['c', ''],
  ]);
});

test('tables of one directory have nothing in common', async () => {
  const { directory, table } = open();
  const other = openKeyValueTable(directory, 'others');
  await Promise.all([
    table.write([{ key: 'key', value: 'one' }]),
    other.write([{ key: 'key', value: 'other' }]),
  ]);
  expect(contents(table)).toEqual({ key: 'one' });
  expect(contents(other)).toEqual({ key: 'other' });
});

test('writes that overlap take effect in the order of the calls, and changes of one in theirs', async () => {
  const { directory, table } = open();
  const done: number[] = [];
  const writes = Array.from({ length: 500 }, async (_, number) => {
    const changes = [
      { key: 'key', value: 'never seen' },
      { key: 'key', value: number % 7 === 3 ? undefined : String(number) },
      { key: String(number % 10), value: String(number) },
    ];
    await table.write(changes);
    done.push(number);
  });
  await Promise.all(writes);
  expect(done).toEqual(Array.from({ length: 500 }, (_, number) => number));
  const expected = { key: '499' } as Record<string, string>;
  for (let digit = 0; digit < 10; digit += 1) expected[String(digit)] = String(490 + digit);
  expect(contents((await reopen(directory)).table)).toEqual(expected);
});

test('what is written in one turn shares a transaction, whatever table it is for', async () => {
  const { directory, table } = open();
  const other = openKeyValueTable(directory, 'others');
  const transactions = (): number => {
    return (directory.table('kv:objects').getStats() as { lastTxnId: number }).lastTxnId;
  };
  const before = transactions();
  await Promise.all([
    ...Array.from({ length: 100 }, () => table.write([{ key: 'key', value: 'text' }])),
    ...Array.from({ length: 100 }, () => other.write([{ key: 'key', value: 'text' }])),
  ]);
  expect(transactions()).toBe(before + 1);
});

test('a removal after a write of the same turn wins, and so does a write after a removal', async () => {
  const { directory, table } = open();
  await table.write([{ key: 'stays', value: 'old' }]);
  await Promise.all([
    table.write([{ key: 'goes', value: 'new' }]),
    table.write([{ key: 'stays', value: undefined }]),
    table.write([{ key: 'goes', value: undefined }]),
    table.write([{ key: 'stays', value: 'new' }]),
    table.write([]),
  ]);
  expect(contents((await reopen(directory)).table)).toEqual({ stays: 'new' });
});

test('a write that resolved before the next call is read at once', async () => {
  const { table } = open();
  await table.write([{ key: 'key', value: 'text' }]);
  expect(contents(table)).toEqual({ key: 'text' });
});

test('F03 a damaged record is told and left out, and the others are there', async () => {
  const { directory, table } = open();
  await table.write([
    { key: 'broken', value: 'damaged-text' },
    { key: 'whole', value: 'text' },
    { key: 'key-that-breaks', value: 'text' },
  ]);
  await directory.close();
  damage(directory.path, Buffer.from('damaged-'));
  damage(directory.path, Buffer.from('key-that-'));
  const { directory: next, table: again } = open(directory.path);
  const damaged: [key: string, why: string][] = [];
  const found = [...again.entries((...problem) => damaged.push(problem))];
  expect(found).toEqual([['whole', 'text']]);
  expect(damaged).toEqual([
    ['broken', 'the checksum does not match'],
    ['Bey-that-breaks', 'the checksum does not match'],
  ]);
  await again.write([{ key: 'broken', value: 'mended' }]);
  expect([...(await reopen(next)).table.entries(() => undefined)]).toContainEqual([
    'broken',
    'mended',
  ]);
});

test('a value of 4 MiB and a key of 1 KiB are taken, a larger value is refused', async () => {
  const { directory, table } = open();
  const key = 'k'.repeat(1_024);
  const value = 'v'.repeat(VALUE_BYTES_MAX);
  await table.write([{ key, value }]);
  await expect(table.write([{ key, value: `${value}v` }])).rejects.toMatchObject({
    code: 'AFFLUX_DATA_TOO_LARGE',
    fault: 'user',
  });
  await expect(table.write([{ key: `${key}k`, value: '' }])).rejects.toThrow('a key of 1025 bytes');
  await expect(table.write([{ key: '', value: '' }])).rejects.toThrow('a key of 0 bytes');
  await expect(table.write([{ key: '\ud800', value: '' }])).rejects.toThrow('well-formed');
  expect(contents((await reopen(directory)).table)).toEqual({ [key]: value });
});

test('a write of more than a table may take at once is refused as a whole', async () => {
  const { table } = open();
  const value = 'v'.repeat(VALUE_BYTES_MAX);
  const changes = Array.from({ length: 16 }, (_, number) => ({ key: String(number), value }));
  await expect(table.write(changes)).rejects.toMatchObject({ code: 'AFFLUX_DATA_TOO_LARGE' });
  expect(contents(table)).toEqual({});
});

test('while too much waits a write is refused, and taken when that is written', async () => {
  const { table } = open();
  const value = 'v'.repeat(VALUE_BYTES_MAX);
  const fitting = Math.floor(WAITING_BYTES_MAX / VALUE_BYTES_MAX) - 1;
  const waiting = Array.from({ length: fitting }, () => table.write([{ key: 'key', value }]));
  await expect(table.write([{ key: 'key', value }])).rejects.toMatchObject({
    code: 'AFFLUX_DATA_BUSY',
    retryable: true,
  });
  await Promise.all(waiting);
  await table.write([{ key: 'key', value: 'small' }]);
  expect(contents(table)).toEqual({ key: 'small' });
});

test('closing writes what waits, and refuses what comes after', async () => {
  const { directory, table } = open();
  const waiting = Array.from({ length: 50 }, (_, number) =>
    table.write([{ key: String(number), value: 'text' }]),
  );
  const closed = directory.close();
  const late = table.write([{ key: 'late', value: 'text' }]);
  await expect(late).rejects.toMatchObject({ code: 'AFFLUX_DATA_DIRECTORY_CLOSED' });
  await Promise.all([...waiting, closed]);
  expect(() => [...table.entries(() => undefined)]).toThrow('is closed');
  expect(Object.keys(contents(open(directory.path).table))).toHaveLength(50);
});

test('F03 a full disk refuses writes, keeps what it accepted, and takes writes again by itself', async (context) => {
  const disk = SmallDisk.mount(DISK_BYTES);
  if (disk === undefined) {
    process.stdout.write('the full disk is not tested: no file system can be mounted here\n');
    context.skip();
    return;
  }
  onTestFinished(() => {
    disk.unmount();
  });
  // LMDB-js prints what it rejects with.
  const printed = vi.spyOn(console, 'error').mockReturnValue(undefined);
  onTestFinished(() => {
    printed.mockRestore();
  });
  const { directory, table } = open(join(disk.path, 'data'));
  const value = 'v'.repeat(50_000);
  const accepted: string[] = [];
  let refused: unknown;
  disk.fill(2 ** 20);
  for (let number = 0; refused === undefined; number += 1) {
    const key = String(number);
    try {
      await table.write([
        { key, value },
        { key: `${key} too`, value },
      ]);
      accepted.push(key, `${key} too`);
    } catch (error) {
      refused = error;
    }
  }
  const expected = {
    code: 'AFFLUX_DATA_DISK_FULL',
    retryable: true,
    message: expect.stringContaining('no space') as unknown,
  };
  expect(refused).toMatchObject(expected);
  expect(Object.keys(contents(table)).sort()).toEqual(accepted.sort());
  // Refused without being tried, also what would have found room.
  await expect(table.write([{ key: 'small', value: 'text' }])).rejects.toMatchObject(expected);
  disk.free();
  expect(statfsSync(disk.path).bavail).toBeGreaterThan(0);
  await clock.advance(1_100);
  await until(() => directory.isUsable);
  await table.write([{ key: 'after', value: 'text' }]);
  const { table: again } = await reopen(directory);
  expect(Object.keys(contents(again)).sort()).toEqual([...accepted, 'after'].sort());
});
