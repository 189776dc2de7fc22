import { writeFile, mkdtemp } from 'node:fs/promises';
import { startTestAfflux } from '@afflux/server/testing';
import { it } from 'vitest';
import { execFileSync, spawn } from 'node:child_process';
it('x', async () => {
  const test = await startTestAfflux({ manifests: '' });
  const c = test.afflux.controlUrl;
  process.stderr.write(c + '\n');
  await writeFile('/tmp/clit/url', c);
  await new Promise((r) => setTimeout(r, 45000));
  await test.close();
}, 60000);
