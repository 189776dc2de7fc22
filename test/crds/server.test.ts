/**
 * Our CRDs in a real kube-apiserver: it takes them, and it judges every sample as decoding and admission do
 * here, but for what is marked as the business of a webhook. The CRDs stay; objects are made in a namespace of
 * this test, and only where there must be something to change.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtinKinds } from '@afflux/resources';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CHANGES } from './changes.ts';
import { objectOf, objectsOf } from './objects.ts';
import { SAMPLES, type Verdict } from './samples.ts';
import { Server } from './server.ts';

const NAMESPACE = 'resources-crds';
const CRDS = fileURLToPath(new URL('../../crds/', import.meta.url));
const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));

/** As the strictest client asks for it, and without leaving anything. */
const JUDGE = 'dryRun=All&fieldValidation=Strict';

const hasServer = (process.env['KUBECONFIG'] ?? '') !== '';
if (!hasServer) {
  process.stdout.write('tests of CRDs in a kube-apiserver are skipped: KUBECONFIG is not set\n');
}

/** What a server without a webhook makes of it. */
function isTaken(verdict: Verdict): boolean {
  return verdict !== 'invalid';
}

/** Every object of our kinds in the manifests that we ship, renamed. */
function manifests(): Record<string, unknown>[] {
  const kinds = builtinKinds();
  return readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .flatMap((path) => parseAllDocuments(readFileSync(DEPLOY + path, 'utf8')))
    .map((document) => document.toJS() as Record<string, unknown> | null)
    .flatMap((object, index) => {
      if (object === null) return [];
      const definition = kinds.get(String(object['apiVersion']), String(object['kind']));
      if (definition?.crd === undefined) return [];
      const name = `manifest-${String(index)}`;
      const metadata = { ...(object['metadata'] as object), name, namespace: NAMESPACE };
      return [{ ...object, metadata }];
    });
}

describe.skipIf(!hasServer)('in a kube-apiserver', { timeout: 120_000 }, () => {
  let server: Server;

  beforeAll(async () => {
    server = await Server.connect();
    const namespaces = await server.kubectl('get', 'namespaces', '-o', 'name');
    if (!namespaces.includes(`namespace/${NAMESPACE}\n`)) {
      await server.kubectl('create', 'namespace', NAMESPACE);
    }
    await server.kubectl(
      ...['apply', '--server-side', '--force-conflicts', '--field-manager=afflux-crds'],
      ...['-f', CRDS],
    );
    await server.kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', CRDS);
  }, 120_000);

  afterAll(() => server.close());

  test.each(SAMPLES.map((sample, index) => ({ sample, name: `sample-${String(index)}` })))(
    '$sample.verdict: $sample.kind $name',
    async ({ sample, name }) => {
      const object = objectOf(sample, { name, namespace: NAMESPACE });
      const answer = await server.create(object, JUDGE);
      const expected = isTaken(sample.verdict);
      expect({ sample, isTaken: answer.isTaken, said: answer.said }).toMatchObject({
        isTaken: expected,
        ...(expected ? { said: '' } : {}),
      });
    },
  );

  test.each(manifests())('a manifest that we ship: $kind $metadata.name', async (object) => {
    const answer = await server.create(object, JUDGE);
    expect({ isTaken: answer.isTaken, said: answer.said }).toEqual({ isTaken: true, said: '' });
  });

  test.each(CHANGES.map((change, index) => ({ change, name: `change-${String(index)}` })))(
    '$change.verdict change: $change.kind $name',
    async ({ change, name }) => {
      const { before, after } = objectsOf(change, { name, namespace: NAMESPACE });
      await server.remove(before);
      const made = await server.create(before);
      expect({ isTaken: made.isTaken, said: made.said }).toEqual({ isTaken: true, said: '' });
      const answer = await server.replace(after, JUDGE);
      await server.remove(before);
      expect({ change, isTaken: answer.isTaken, said: answer.said }).toMatchObject({
        isTaken: isTaken(change.verdict),
      });
    },
  );
});
