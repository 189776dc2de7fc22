import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noopLogger } from '@afflux/kernel';
import { FakeClock, settle } from '@afflux/kernel/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type DataDirectory, META_TABLE, openDataDirectory } from './directory.ts';

const writer = fileURLToPath(new URL('../dist/testing/writer-process.js', import.meta.url));

function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'afflux-data-'));
  onTestFinished(() => {
    rmSync(place, { recursive: true });
  });
  return place;
}

function open(path: string): DataDirectory {
  const directory = openDataDirectory(path, { clock: new FakeClock(), logger: noopLogger });
  onTestFinished(() => directory.close());
  return directory;
}

/** A process that has the directory open. */
async function holder(path: string) {
  const child = spawn(process.execPath, [writer, path]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

/** The error that opening is refused with. */
function refusal(path: string): unknown {
  try {
    open(path);
  } catch (error) {
    return error;
  }
  return expect.fail('the directory was opened');
}

test('a directory is made for its owner alone', () => {
  const path = join(newPlace(), 'a', 'b');
  open(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a second process is refused with the directory and the number of the first, until that is killed', async () => {
  const path = newPlace();
  const child = await holder(path);
  expect(refusal(path)).toMatchObject({
    code: 'AFFLUX_DATA_DIRECTORY_IN_USE',
    fault: 'user',
    details: { directory: path, pid: child.pid },
    message: expect.stringMatching(
      `${path} is in use by the process ${String(child.pid)}`,
    ) as unknown,
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await open(path).close();
});

test('a process is refused by one that had the directory first, and by another part of itself', async () => {
  const path = newPlace();
  const directory = open(path);
  expect(refusal(path)).toMatchObject({ code: 'AFFLUX_DATA_DIRECTORY_IN_USE' });
  const child = spawn(process.execPath, [writer, path]);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toContain('AFFLUX_DATA_DIRECTORY_IN_USE');
  await directory.close();
  await open(path).close();
});

test('what a later version wrote is refused and left alone', async () => {
  const path = newPlace();
  const directory = open(path);
  await directory.table(META_TABLE).put(Buffer.from('f'), Buffer.from('{"format":2}'));
  await directory.close();
  expect(refusal(path)).toMatchObject({
    code: 'AFFLUX_DATA_FORMAT_NEWER',
    details: { format: 2, known: 1 },
  });
});

test('F03 a file that is no data file is refused with what to do', () => {
  const path = newPlace();
  writeFileSync(join(path, 'data.mdb'), Buffer.alloc(16_384, 7));
  expect(refusal(path)).toMatchObject({
    code: 'AFFLUX_DATA_DIRECTORY_DAMAGED',
    message: expect.stringContaining('restore it') as unknown,
  });
});

test('F03 a data file that was cut is refused with what to do', async () => {
  const path = newPlace();
  const directory = open(path);
  for (let key = 0; key < 50; key += 1) {
    await directory.table(META_TABLE).put(Buffer.from(`p${String(key)}`), Buffer.alloc(5_000));
  }
  await directory.close();
  const file = join(path, 'data.mdb');
  const whole = readFileSync(file);
  for (const bytes of [40_960, 8_192, 4_096, 100]) {
    writeFileSync(file, whole);
    truncateSync(file, bytes);
    expect(refusal(path)).toMatchObject({ code: 'AFFLUX_DATA_DIRECTORY_DAMAGED' });
    // The refused opening gives the lock back a moment later.
    for (let turn = 0; turn < 50; turn += 1) await settle();
  }
  writeFileSync(file, whole);
  await open(path).close();
});

test('F03 a place where no directory can be is refused with the reason', () => {
  const file = join(newPlace(), 'file');
  writeFileSync(file, '');
  expect(refusal(join(file, 'data'))).toMatchObject({
    code: 'AFFLUX_DATA_DIRECTORY_UNUSABLE',
    fault: 'user',
  });
});

test('tables are there after a restart, and each name is one table', async () => {
  const path = newPlace();
  const directory = open(path);
  expect(directory.table('one')).toBe(directory.table('one'));
  await directory.table('one').put(Buffer.from('key'), Buffer.from('value'));
  await directory.close();
  const again = open(path);
  expect(again.tableNames()).toEqual(['meta', 'one']);
  expect(again.table('one').get(Buffer.from('key'))?.toString()).toBe('value');
});

test('what is shared is made by the first that asks', () => {
  const directory = open(newPlace());
  const make = ({ path }: DataDirectory) => ({ path });
  const other = () => 'other';
  expect(directory.shared(make)).toBe(directory.shared(make));
  expect(directory.shared(make)).toEqual({ path: directory.path });
  expect(directory.shared(other)).toBe('other');
});

test('a table too many is refused, and the others go on', () => {
  const directory = open(newPlace());
  const first = directory.table('0');
  const openAll = (): void => {
    for (let number = 1; number < 32; number += 1) directory.table(String(number));
  };
  expect(openAll).toThrow(expect.objectContaining({ code: 'AFFLUX_DATA_DIRECTORY_UNUSABLE' }));
  expect(directory.table('0')).toBe(first);
  expect(directory.tableNames()).toHaveLength(32);
});
