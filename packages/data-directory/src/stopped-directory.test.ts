import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noopLogger } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openDataDirectory } from './directory.ts';
import { type KeyValueChange, openKeyValueTable } from './key-value-table.ts';
import {
  compactData,
  type DataProblem,
  readTables,
  withStoppedDirectory,
} from './stopped-directory.ts';
import { damage } from './testing/index.ts';

/** A stopped directory with these objects. */
async function stopped(...writes: KeyValueChange[][]): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'afflux-data-stopped-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  const directory = openDataDirectory(path, { clock: new FakeClock(), logger: noopLogger });
  const table = openKeyValueTable(directory, 'objects');
  for (const changes of writes) await table.write(changes);
  await directory.close();
  return path;
}

test('what tables hold is counted', async () => {
  const path = await stopped([
    { key: 'one', value: 'text' },
    { key: 'two', value: 'text' },
  ]);
  const tables = await withStoppedDirectory(path, (directory) => readTables(directory));
  expect(tables).toEqual([{ name: 'objects', records: 2, bytes: 22 }]);
});

test('F03 a damaged record is counted, and named', async () => {
  const path = await stopped([
    { key: 'one', value: 'damaged-text' },
    { key: 'two', value: 'text' },
  ]);
  damage(path, Buffer.from('damaged-'));
  const problems: DataProblem[] = [];
  const [table] = await withStoppedDirectory(path, (directory) =>
    readTables(directory, (problem) => problems.push(problem)),
  );
  expect(table?.records).toBe(2);
  expect(problems).toEqual([{ place: 'objects, one', problem: 'the checksum does not match' }]);
});

test('a compacted directory holds what it held, in less room', async () => {
  const value = 'v'.repeat(200_000);
  const path = await stopped(
    Array.from({ length: 20 }, (_, number) => ({ key: String(number), value })),
    Array.from({ length: 19 }, (_, number) => ({ key: String(number), value: undefined })),
  );
  const { bytesBefore, bytesAfter, tables } = await compactData(path);
  expect(bytesAfter).toBeLessThan(bytesBefore / 4);
  expect(tables).toEqual([{ name: 'objects', records: 1, bytes: 200_006 }]);
  const after = await withStoppedDirectory(path, (directory) => readTables(directory));
  expect(after).toEqual(tables);
});

test('a directory that is not there is not made', async () => {
  const path = join(await stopped(), 'none');
  await expect(withStoppedDirectory(path, () => 1)).rejects.toMatchObject({
    code: 'AFFLUX_DATA_DIRECTORY_UNUSABLE',
  });
});
