import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durableDriver } from '@afflux/channel-durable';
import { openDataDirectory, openKeyValueTable } from '@afflux/data-directory';
import { damage } from '@afflux/data-directory/testing';
import { makeEvent } from '@afflux/events';
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../testing/commands.ts';

const OBJECTS = [
  { key: 'Trigger/shop/one', value: '{"kind":"Trigger"}' },
  { key: 'Trigger/shop/two', value: '{"kind":"Damaged"}' },
];
const OBJECTS_BYTES = 2 * (16 + 4 + 18);

/** The directory of an Afflux that had a channel with one event, and objects. */
async function stoppedDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'afflux-data-'));
  onTestFinished(() => rm(path, { recursive: true }));
  const directory = openDataDirectory(path, { clock: systemClock, logger: noopLogger });
  await openKeyValueTable(directory, 'objects').write(OBJECTS);
  const channel = durableDriver({ directory }).create({
    kind: 'Broker',
    namespace: 'shop',
    name: 'orders',
    config: {},
    clock: systemClock,
    random: systemRandom,
    logger: noopLogger,
    meter: noopMeter,
  });
  await channel.start();
  await channel.publish([makeEvent({ id: '1', source: '/s', type: 't', data: 'data' })]);
  await channel.close();
  await directory.close();
  return path;
}

describe('afflux data', () => {
  it('stats says what channels hold, and how many objects there are', async () => {
    const { code, out } = await run(['data', 'stats', await stoppedDirectory()]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Broker shop\/orders +1 +\d+ B +0$/m);
    expect(out).toContain(`\nobjects: 2, ${String(OBJECTS_BYTES)} B\n`);
  });

  it('stats says the same in JSON', async () => {
    const path = await stoppedDirectory();
    const { out } = await run(['data', 'stats', path, '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      directory: path,
      channels: [{ kind: 'Broker', namespace: 'shop', name: 'orders', events: 1 }],
      tables: [{ name: 'objects', records: 2, bytes: OBJECTS_BYTES }],
    });
  });

  it('check reads objects as well as events', async () => {
    const { code, out } = await run(['data', 'check', await stoppedDirectory()]);
    expect({ code, out }).toEqual({
      code: 0,
      out: `objects: 2, ${String(OBJECTS_BYTES)} B\n3 records checked, 0 problem(s) found\n`,
    });
  });

  it('check names a damaged object, and fails', async () => {
    const path = await stoppedDirectory();
    damage(path, Buffer.from('Damaged'));
    const { code, out } = await run(['data', 'check', path]);
    expect(code).toBe(1);
    expect(out).toContain('objects, Trigger/shop/two: the checksum does not match\n');
    expect(out).toContain('3 records checked, 1 problem(s) found\n');
  });

  it('compact keeps objects and events', async () => {
    const path = await stoppedDirectory();
    const { code, out } = await run(['data', 'compact', path]);
    expect(code).toBe(0);
    expect(out).toMatch(/^objects: 2, \d+ B\n.* before, .* now\n$/);
    expect((await run(['data', 'check', path])).out).toContain('3 records checked, 0 problem(s)');
  });

  it('a directory that is in use is refused with the process that uses it', async () => {
    const path = await stoppedDirectory();
    const directory = openDataDirectory(path, { clock: systemClock, logger: noopLogger });
    onTestFinished(() => directory.close());
    const { code, err } = await run(['data', 'stats', path]);
    expect(code).not.toBe(0);
    expect(err).toContain(`${path} is in use by the process ${String(process.pid)}`);
  });

  it('a place that is no data directory is left as it is', async () => {
    const path = await mkdtemp(join(tmpdir(), 'afflux-data-'));
    onTestFinished(() => rm(path, { recursive: true }));
    expect((await run(['data', 'stats', path])).err).toContain('is no data directory');
    expect((await run(['data', 'stats', join(path, 'none')])).err).toContain('no directory');
  });
});
