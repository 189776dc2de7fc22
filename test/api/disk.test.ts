/** Objects on a disk: over restarts, for one process at a time, and when the disk is full (F03). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SmallDisk } from '@afflux/data-directory/testing';
import { createAfflux } from '@afflux/server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { configMap, configMaps, makeNamespace, startLaptop, type Seen } from './api-client.ts';
import { SOON, WatchStream } from './watch-stream.ts';

const MIB = 1024 * 1024;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function dataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'afflux-api-disk-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return data;
}

describe('over a restart', () => {
  it('objects are the same, to the last field, and can be updated with the version that was read before', async () => {
    const dataDir = await dataDirectory();
    const first = await startLaptop({ dataDir });
    const namespace = await makeNamespace(first.api, 'kept');
    const path = configMaps(namespace);
    await first.api.post(path, configMap('one', { a: '1' }, { labels: { x: 'y' } }));
    await first.api.patch('merge', `${path}/one`, { data: { b: '2' } });
    await first.api.patch('apply', `${path}/two?fieldManager=me`, {
      ...configMap('two', { a: '1' }),
    });
    await first.api.post(path, configMap('gone'));
    await first.api.delete(`${path}/gone`);
    const before = await first.api.list(path);
    expect(before.items.map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
    await first.stop();
    const { api } = await startLaptop({ dataDir });
    const after = await api.list(path);
    expect(after.items).toEqual(before.items);
    const [one] = before.items;
    const updated = await api.put(`${path}/one`, { ...one, data: { a: '3' } });
    expect(updated.status).toBe(200);
    expect(updated.body.metadata.uid).toBe(one?.metadata.uid);
    // Who owns which field is remembered, too.
    const conflict = await api.patch('apply', `${path}/two?fieldManager=other`, {
      ...configMap('two', { a: '2' }),
    });
    expect(conflict.body).toMatchObject({ code: 409 });
    expect(conflict.body.message).toContain('"me"');
  });

  it('versions and uids are never given out again, and whoever watched the former life lists again', async () => {
    const dataDir = await dataDirectory();
    const versions: number[] = [];
    const uids = new Set<string>();
    let last = '';
    for (let life = 1; life <= 3; life += 1) {
      const { api, stop } = await startLaptop({ dataDir });
      const path = configMaps('default');
      if (last !== '') {
        const watch = await WatchStream.open(api.url, `${path}?watch=true&resourceVersion=${last}`);
        await watch.ended();
        expect(watch.story).toEqual(['ERROR 410']);
      }
      await api.delete(`${path}/again`);
      const { body } = await api.post(path, configMap('again'));
      expect(uids.has(body.metadata.uid)).toBe(false);
      uids.add(body.metadata.uid);
      versions.push(Number(body.metadata.resourceVersion));
      last = (await api.list(path)).metadata.resourceVersion;
      versions.push(Number(last));
      await stop();
    }
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
  });

  it('without a data directory, too: a watch of the former process is told to list again', async () => {
    const first = await startLaptop();
    const path = configMaps('default');
    await first.api.post(path, configMap('one'));
    const { resourceVersion } = (await first.api.list(path)).metadata;
    await first.stop();
    const { api } = await startLaptop();
    expect(Number((await api.list(path)).metadata.resourceVersion)).toBeGreaterThan(
      Number(resourceVersion),
    );
    const watch = await WatchStream.open(
      api.url,
      `${path}?watch=true&resourceVersion=${resourceVersion}`,
    );
    await watch.ended();
    expect(watch.story).toEqual(['ERROR 410']);
  });

  it('kinds of users are served again with their objects', async () => {
    const dataDir = await dataDirectory();
    const first = await startLaptop({ dataDir });
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    };
    await first.api.post(CRDS, {
      metadata: { name: 'things.kept.example.com' },
      spec: {
        group: 'kept.example.com',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const things = '/apis/kept.example.com/v1/namespaces/default/things';
    await expect.poll(async () => (await first.api.get(things)).status, SOON).toBe(200);
    const thing = { metadata: { name: 'a' }, spec: { size: 3 } };
    expect((await first.api.post(things, thing)).status).toBe(201);
    const before = (await first.api.list(things)).items;
    await first.stop();
    const { api } = await startLaptop({ dataDir });
    expect((await api.list(things)).items).toEqual(before);
    const bad = { metadata: { name: 'b' }, spec: { size: 'large' } };
    expect((await api.post(things, bad)).status).toBe(422);
  });

  it('a deletion that waits for a finalizer goes on waiting, and ends', async () => {
    const dataDir = await dataDirectory();
    const first = await startLaptop({ dataDir });
    const path = configMaps('default');
    await first.api.post(path, configMap('held', {}, { finalizers: ['example.com/hold'] }));
    expect((await first.api.delete(`${path}/held`)).status).toBe(200);
    const { metadata } = (await first.api.get(`${path}/held`)).body;
    expect(metadata).toHaveProperty('deletionTimestamp');
    await first.stop();
    const { api } = await startLaptop({ dataDir });
    expect((await api.get(`${path}/held`)).body.metadata).toEqual(metadata);
    await api.patch('merge', `${path}/held`, { metadata: { finalizers: null } });
    expect((await api.get(`${path}/held`)).status).toBe(404);
  });

  it('what belongs to an owner goes when that is deleted in a later life', async () => {
    const dataDir = await dataDirectory();
    const first = await startLaptop({ dataDir });
    const path = configMaps('default');
    const { body: owner } = await first.api.post(path, configMap('owner'));
    const { uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
    await first.api.post(path, configMap('owned', {}, { ownerReferences }));
    await first.stop();
    const { api } = await startLaptop({ dataDir });
    expect((await api.get(`${path}/owned`)).status).toBe(200);
    await api.delete(`${path}/owner`);
    await expect.poll(async () => (await api.get(`${path}/owned`)).status, SOON).toBe(404);
  });
});

describe('a directory that is in use', () => {
  it('is refused to a second process by name, and the first one goes on', async () => {
    const dataDir = await dataDirectory();
    const { api } = await startLaptop({ dataDir });
    const second = createAfflux({ log: { level: 'silent' }, dataDir });
    onTestFinished(async () => {
      await second.close();
    });
    await expect(second.start()).rejects.toMatchObject({
      code: 'AFFLUX_DATA_DIRECTORY_IN_USE',
      message: expect.stringContaining(dataDir) as unknown,
    });
    expect((await api.post(configMaps('default'), configMap('still'))).status).toBe(201);
  });
});

describe('a disk that is full', () => {
  const DISK_BYTES = 24 * MIB;
  /** Larger than what is left free when the disk is filled. */
  const FILLING = 'x'.repeat(400_000);

  it(
    'F03 refuses writes by its name, takes back what was shown of them, and loses nothing that was accepted',
    { timeout: 60_000 },
    async (context) => {
      const disk = SmallDisk.mount(DISK_BYTES);
      if (disk === undefined) {
        process.stdout.write('the full disk is not tested: no file system can be mounted here\n');
        context.skip();
        return;
      }
      onTestFinished(() => {
        disk.unmount();
      });
      // LMDB-js prints what it rejects with.
      const printed = vi.spyOn(console, 'error').mockReturnValue(undefined);
      onTestFinished(() => {
        printed.mockRestore();
      });
      const dataDir = join(disk.path, 'data');
      const first = await startLaptop({ dataDir });
      const { api } = first;
      const path = configMaps('default');
      await api.post(path, configMap('before', { filling: FILLING }));
      await api.post(path, configMap('changed', { state: 'before' }));
      await api.post(path, configMap('deleted', { state: 'before' }));
      const { resourceVersion } = (await api.list(path)).metadata;
      const watch = await WatchStream.open(
        api.url,
        `${path}?watch=true&resourceVersion=${resourceVersion}`,
      );
      disk.fill(MIB);
      const accepted = ['before'];
      let refusal;
      for (let count = 0; refusal === undefined; count += 1) {
        const name = `filling-${String(count)}`;
        const answer = await api.post(path, configMap(name, { filling: FILLING }));
        if (answer.status === 201) accepted.push(name);
        else refusal = { name, answer };
        expect(count).toBeLessThan(100);
      }
      const { answer, name } = refusal;
      expect(answer.body).toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
      expect(answer.body.message).toContain('the disk has no space');
      expect(answer.headers['retry-after']).toBe('1');

      // Reads go on; what was refused is not there, and other sorts of writes are refused alike.
      expect((await api.get(`${path}/${name}`)).status).toBe(404);
      expect((await api.get(`${path}/before`)).body.data).toEqual({ filling: FILLING });
      const changes = [
        api.patch('merge', `${path}/changed`, { data: { state: 'after' } }),
        api.delete(`${path}/deleted`),
        api.post(path, configMap('small')),
      ];
      expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([503, 503, 503]);
      expect((await api.get(`${path}/changed`)).body.data).toEqual({ state: 'before' });
      expect((await api.get(`${path}/deleted`)).body.data).toEqual({ state: 'before' });
      expect((await api.get('/livez')).status).toBe(200);

      // The watch knows the world as it is: whatever it saw of refused writes was taken back.
      const world = new Map<string, Seen>([
        ...(await api.list(path)).items.map((item) => [item.metadata.name, item] as const),
      ]);
      await expect.poll(() => differences(watch, resourceVersion, world), SOON).toEqual([]);
      expect(watch.hasEnded).toBe(false);

      disk.free();
      await expect
        .poll(async () => (await api.post(path, configMap('after'))).status, SOON)
        .toBe(201);
      accepted.push('after', 'changed', 'deleted');
      await watch.until(({ story }) => story.includes('ADDED after'));
      const before = await api.list(path);
      const names = before.items.map(({ metadata }) => metadata.name);
      expect(names).toEqual(expect.arrayContaining(accepted));
      expect(names).not.toContain(name);
      await first.stop();
      const second = await startLaptop({ dataDir });
      const after = await second.api.list(path);
      expect(after.items.map(contentOf)).toEqual(before.items.map(contentOf));
      expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(
        Number(before.metadata.resourceVersion),
      );
    },
  );

  /** Where a watch that began at a version is of another opinion than a list, among what it saw. */
  function differences(
    watch: WatchStream,
    from: string,
    world: ReadonlyMap<string, Seen>,
  ): string[] {
    const last = new Map(watch.events.map((event) => [event.object.metadata.name, event]));
    const changed = [...world].filter(
      ([, { metadata }]) => Number(metadata.resourceVersion) > Number(from),
    );
    const unseen = changed.filter(([name]) => !last.has(name)).map(([name]) => `${name}: unseen`);
    const wrong = [...last].flatMap(([name, { type, object }]) => {
      const now = world.get(name)?.metadata.resourceVersion;
      const seen = type === 'DELETED' ? undefined : object.metadata.resourceVersion;
      return now === seen ? [] : [`${name}: ${String(seen)}, not ${String(now)}`];
    });
    return [...unseen, ...wrong];
  }

  /** What was taken back has a version of its own, which is given anew in the next life. */
  function contentOf({ metadata, data }: Seen): object {
    return { name: metadata.name, uid: metadata.uid, data };
  }
});
