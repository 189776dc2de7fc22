import { testChannel } from '@afflux/channels/testkit';
import type { ChannelDriver } from '@afflux/channels';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durableDriver } from './driver.ts';

let directory = '';
let driver: ChannelDriver | undefined;

testChannel({
  name: 'durable',
  driver: () => {
    directory = mkdtempSync(join(tmpdir(), 'afflux-durable-'));
    driver = durableDriver({ directory });
    return driver;
  },
  capabilities: {
    durable: true,
    order: 'total',
    replayable: true,
    competingConsumers: false,
    delayed: true,
    deadLetters: true,
    deduplicates: true,
    maxEventBytes: 16 * 2 ** 20,
  },
  assertClean: async () => {
    await driver?.close?.();
    rmSync(directory, { recursive: true });
  },
});
