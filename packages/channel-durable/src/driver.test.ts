import { testChannel } from '@afflux/channels/testkit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { durableDriver } from './driver.ts';

const root = mkdtempSync(join(tmpdir(), 'afflux-durable-'));

afterAll(() => {
  rmSync(root, { recursive: true });
});

testChannel({
  name: 'durable',
  driver: (place) => durableDriver({ directory: join(root, place) }),
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
});
