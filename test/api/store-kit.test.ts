/**
 * The store kit beyond the memory store: with objects on a disk, and over the API of a running process through the
 * client for clusters. The same client meets a real kube-apiserver in `packages/control-kubernetes`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '@afflux/control';
import { KIT_KINDS, kitAdmission, kitCrds, testStore } from '@afflux/control/testkit';
import { KubernetesStore, RestClient } from '@afflux/control-kubernetes';
import { openDataDirectory, openKeyValueTable } from '@afflux/data-directory';
import { newUuid, noopLogger, systemClock, systemRandom } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { builtinKinds } from '@afflux/resources';
import { createAfflux, type Afflux } from '@afflux/server';
import { afterAll } from 'vitest';

const CAPABILITIES = {
  garbageCollection: true,
  objectBytesRefused: 1_572_864,
} as const;

testStore(
  'disk',
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'afflux-store-'));
    const directory = openDataDirectory(path, { clock: systemClock, logger: noopLogger });
    const store = new MemoryStore({
      clock: new FakeClock(),
      newId: newUuid,
      registry: KIT_KINDS,
      admission: kitAdmission,
      limits: { historyMax: 100, watchBacklogMax: 100 },
    });
    await store.restore(openKeyValueTable(directory, 'objects'));
    return {
      store,
      close: async () => {
        await store.close();
        await directory.close();
        await rm(path, { recursive: true, force: true });
      },
    };
  },
  { ...CAPABILITIES, historyMax: 100, watchBacklogMax: 100 },
);

const BUILTIN = builtinKinds();

/** One process for all cases, which have names and namespaces of their own. */
let running: Promise<Afflux> | undefined;

async function start(): Promise<Afflux> {
  const afflux = await createAfflux({ log: { level: 'silent' }, shutdownGrace: 0 }).start();
  const { store, client } = connect(afflux);
  for (const crd of kitCrds()) await store.create(crd);
  await afflux.settled();
  await client.close();
  return afflux;
}

function connect(afflux: Afflux) {
  const access = { server: afflux.controlUrl, namespace: 'default', origin: 'this test' };
  const client = new RestClient(access, { clock: systemClock });
  const store = new KubernetesStore({
    client,
    random: systemRandom,
    kinds: {
      get: (apiVersion, kind) => KIT_KINDS.get(apiVersion, kind) ?? BUILTIN.get(apiVersion, kind),
    },
  });
  return { client, store };
}

testStore(
  'the API of one process',
  async () => {
    running ??= start();
    const { store, client } = connect(await running);
    return {
      store,
      makeNamespace: async () => {
        const name = `kit-${newUuid().slice(0, 13)}`;
        await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
        return name;
      },
      close: () => client.close(),
    };
  },
  CAPABILITIES,
);

afterAll(async () => {
  await (await running)?.close();
});
