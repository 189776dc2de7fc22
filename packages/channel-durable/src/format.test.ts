/** Directories that earlier versions wrote. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkData, dataStats } from './data-tools.ts';
import { formatOneFile } from './testing/format-1.ts';
import { Place } from './testing/place.ts';

const isLittle = endianness() === 'LE';
if (!isLittle) process.stdout.write('format 1 is not tested: its file is of another machine\n');

test.skipIf(!isLittle)('a directory of the first version is read, and goes on', async () => {
  await using place = new Place();
  mkdirSync(place.directory, { recursive: true });
  writeFileSync(join(place.directory, 'data.mdb'), formatOneFile());
  expect(await checkData(place.directory)).toMatchObject({ checked: 10, problems: [] });
  const channel = await place.open('published');
  const subscription = await place.subscribe(channel, 'reader');
  const event = place.event('data', 'next');
  await channel.publish([event]);
  expect(await place.drain(subscription, 6)).toEqual(['1', '2', '3', '4', '5', 'next']);
  await channel.settled();
  await place.close();
  expect((await checkData(place.directory)).problems).toEqual([]);
  const { channels, tables } = await dataStats(place.directory);
  expect(channels).toMatchObject([{ name: 'published', events: 6 }]);
  expect(tables).toEqual([]);
});
