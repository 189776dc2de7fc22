/** What kubectl makes of discovery and OpenAPI; skipped where there is no kubectl (`KUBEBUILDER_ASSETS`). */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtinKinds } from '@afflux/resources';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DescribingServer } from '../testing/describing-server.ts';
import { describingServer } from '../testing/describing-server.ts';

const run = promisify(execFile);
const assets = process.env['KUBEBUILDER_ASSETS'];
const TIMEOUT_MS = 20_000;

describe.skipIf(assets === undefined)(
  `kubectl${assets === undefined ? ' (skipped: KUBEBUILDER_ASSETS is not set)' : ''}`,
  () => {
    let server: DescribingServer;
    let directory: string;

    beforeAll(async () => {
      server = await describingServer({ registry: builtinKinds(), version: '0.1.0' });
      directory = await mkdtemp(join(tmpdir(), 'afflux-kubectl-'));
    });

    afterAll(async () => {
      await server.close();
      await rm(directory, { recursive: true });
    });

    async function kubectl(...args: readonly string[]): Promise<string> {
      const common = [
        '--kubeconfig=/dev/null',
        `--server=${server.url}`,
        `--cache-dir=${directory}`,
      ];
      const { stdout } = await run(join(assets ?? '', 'kubectl'), [...common, ...args], {
        timeout: TIMEOUT_MS,
      });
      return stdout;
    }

    test('explains a field with its type and its meaning', async () => {
      const text = await kubectl('explain', 'trigger.spec.delivery');
      expect(text).toContain('KIND:       Trigger');
      expect(text).toContain('Replaces the delivery of the Broker.');
      expect(text).toMatch(/retry\s<integer>/u);
    });

    test('explains all of a kind, metadata included', async () => {
      const text = await kubectl('explain', 'broker', '--recursive');
      expect(text).toMatch(/metadata\s<ObjectMeta>\n\s+annotations\s<map\[string\]string>/u);
      expect(text).toMatch(/config\s<Object>/u);
    });

    test('explains an older version when asked for it', async () => {
      const text = await kubectl(
        'explain',
        'eventtype',
        '--api-version=eventing.knative.dev/v1beta1',
      );
      expect(text).toContain('VERSION:    v1beta1');
    });

    test('lists the resources, those of Kubernetes first', async () => {
      const text = await kubectl('api-resources', '--no-headers');
      const lines = text.split('\n').map((line) => line.trim().split(/\s+/u));
      expect(lines.find(([name]) => name === 'services')).toEqual([
        'services',
        'svc',
        'v1',
        'true',
        'Service',
      ]);
      expect(lines.map(([name]) => name)).toEqual(
        expect.arrayContaining(['triggers', 'customresourcedefinitions', 'leases', 'sequences']),
      );
      expect(lines[0]?.[2]).toBe('v1');
    });

    test('does not warn of a version too far away', async () => {
      expect(await kubectl('version')).toContain('Server Version: v1.33.0+afflux-0.1.0');
    });
  },
);
