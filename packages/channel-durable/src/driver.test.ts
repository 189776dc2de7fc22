import { testChannel } from '@afflux/channels/testkit';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subject } from './testing/subject.ts';

testChannel({
  ...subject,
  name: 'durable',
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
  killable: { url: new URL('../dist/testing/subject.js', import.meta.url), export: 'subject' },
  retention: {
    byAge: { config: { retentionMs: 60_000 }, ageMs: 60_000 },
    byBytes: { config: { retentionBytes: 2 ** 20 }, bytes: 2 ** 20 },
  },
  assertClean: (place) => {
    rmSync(join(tmpdir(), 'afflux-durable-kit', place), { recursive: true, force: true });
  },
});
