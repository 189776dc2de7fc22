/** Objects from files and objects by the API in one store: who owns what, and what goes with a file. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryWith, put } from '../process/command.ts';
import {
  configMap,
  configMaps,
  startLaptop,
  type ApiClient,
  type Laptop,
  type Seen,
} from './api-client.ts';
import { runShell } from './shell.ts';
import { SOON } from './watch-stream.ts';

const SOURCE_FILE = 'afflux.dev/source-file';
const PATH = configMaps('default');

function yaml(name: string, data: Readonly<Record<string, string>>): string {
  return `---\n${JSON.stringify({ ...configMap(name, data), metadata: { name, namespace: 'default' } })}\n`;
}

async function get(api: ApiClient, name: string): Promise<Seen | undefined> {
  const { status, body } = await api.get(`${PATH}/${name}`);
  return status === 404 ? undefined : body;
}

/** The data of an object; undefined where it is not there. */
function dataOf(api: ApiClient, name: string): () => Promise<Seen['data'] | 'absent'> {
  return async () => {
    const found = await get(api, name);
    return found === undefined ? 'absent' : found.data;
  };
}

function managersOf(object: Seen | undefined): string[] {
  return (object?.metadata.managedFields ?? [])
    .map(({ manager, operation }) => `${manager} ${operation}`)
    .sort();
}

async function withFiles(files: Readonly<Record<string, string>>, dataDir?: string) {
  const directory = await directoryWith(files);
  const start = (): Promise<Laptop> =>
    startLaptop({ manifests: [directory], ...(dataDir === undefined ? {} : { dataDir }) });
  return { directory, start };
}

async function dataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'afflux-api-files-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return data;
}

describe('an object from a file', () => {
  it('says which file, and is owned by the files; one by the API is owned by whoever wrote it', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('filed', { a: '1' }) });
    const { api } = await start();
    const filed = await get(api, 'filed');
    expect(filed?.metadata.annotations).toEqual({ [SOURCE_FILE]: join(directory, 'a.yaml') });
    expect(managersOf(filed)).toEqual(['afflux-files Apply']);
    const headers = { 'user-agent': 'my-tool/1.2 (linux)' };
    const made = await api.post(PATH, configMap('made'), { headers });
    expect(managersOf(made.body)).toEqual(['my-tool Update']);
    expect(made.body.metadata.annotations).toBeUndefined();
  });

  it('follows its file, goes with it, and leaves everything else where it is', async () => {
    const { directory, start } = await withFiles({
      'a.yaml': yaml('one', { a: '1', b: '2' }) + yaml('two', { a: '1' }),
      'b.yaml': yaml('three', {}),
    });
    const { api } = await start();
    await api.post(PATH, configMap('made'));
    const { uid } = (await get(api, 'one'))?.metadata ?? {};
    await put(directory, 'a.yaml', yaml('one', { b: '3' }));
    await expect.poll(dataOf(api, 'one'), SOON).toEqual({ b: '3' });
    await expect.poll(dataOf(api, 'two'), SOON).toBe('absent');
    expect((await get(api, 'one'))?.metadata.uid).toBe(uid);
    await rm(join(directory, 'a.yaml'));
    await expect.poll(dataOf(api, 'one'), SOON).toBe('absent');
    expect(await get(api, 'three')).toBeDefined();
    expect(await get(api, 'made')).toBeDefined();
  });

  it('keeps what others add to it, as long as it is there', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('shared', { a: '1' }) });
    const { api } = await start();
    await api.patch('merge', `${PATH}/shared?fieldManager=me`, { data: { mine: 'x' } });
    await put(directory, 'a.yaml', yaml('shared', { a: '2' }));
    await expect.poll(dataOf(api, 'shared'), SOON).toEqual({ a: '2', mine: 'x' });
    await put(directory, 'a.yaml', yaml('shared', { b: '3' }));
    await expect.poll(dataOf(api, 'shared'), SOON).toEqual({ b: '3', mine: 'x' });
    expect(managersOf(await get(api, 'shared'))).toEqual(['afflux-files Apply', 'me Update']);
  });

  it('moves with its text to another file without a break', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('moved', { a: '1' }) });
    const { api } = await start();
    const { uid } = (await get(api, 'moved'))?.metadata ?? {};
    await put(directory, 'b.yaml', yaml('moved', { a: '1' }));
    await rm(join(directory, 'a.yaml'));
    await put(directory, 'c.yaml', yaml('later', {}));
    await expect.poll(dataOf(api, 'later'), SOON).not.toBe('absent');
    expect((await get(api, 'moved'))?.metadata.uid).toBe(uid);
  });
});

describe('an object that somebody else made', () => {
  it('is taken up by a file, and outlives it without what the file had set', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('other', {}) });
    const { api } = await start();
    await api.post(`${PATH}?fieldManager=me`, configMap('made', { mine: 'x' }));
    const { uid } = (await get(api, 'made'))?.metadata ?? {};
    await put(directory, 'b.yaml', yaml('made', { filed: 'y' }));
    await expect.poll(dataOf(api, 'made'), SOON).toEqual({ mine: 'x', filed: 'y' });
    expect((await get(api, 'made'))?.metadata.annotations ?? {}).not.toHaveProperty(SOURCE_FILE);
    await rm(join(directory, 'b.yaml'));
    await expect.poll(dataOf(api, 'made'), SOON).toEqual({ mine: 'x' });
    expect((await get(api, 'made'))?.metadata.uid).toBe(uid);
  });

  it('is not taken for one from a file because it carries a copied annotation', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('filed', { a: '1' }) });
    const { api } = await start();
    const annotations = { [SOURCE_FILE]: join(directory, 'a.yaml') };
    await api.post(PATH, configMap('copied', {}, { annotations }));
    await rm(join(directory, 'a.yaml'));
    await expect.poll(dataOf(api, 'filed'), SOON).toBe('absent');
    expect(await get(api, 'copied')).toBeDefined();
  });

  it('takes the place of one from a file that was deleted by hand, and stays when the file goes', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('replaced', { a: '1' }) });
    const { api } = await start();
    await api.delete(`${PATH}/replaced`);
    expect((await api.post(PATH, configMap('replaced', { mine: 'x' }))).status).toBe(201);
    await put(directory, 'b.yaml', yaml('later', {}));
    await expect.poll(dataOf(api, 'later'), SOON).not.toBe('absent');
    await rm(join(directory, 'a.yaml'));
    await put(directory, 'c.yaml', yaml('last', {}));
    await expect.poll(dataOf(api, 'last'), SOON).not.toBe('absent');
    expect((await get(api, 'replaced'))?.data).toEqual({ mine: 'x' });
  });
});

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

describe('kubectl apply on an object from a file', () => {
  it.runIf(hasKubectl)('works, and the file that made it is still named', async () => {
    const { directory, start } = await withFiles({ 'a.yaml': yaml('filed', { a: '1', b: '1' }) });
    const { api } = await start();
    const cwd = await directoryWith({
      'edited.yaml': yaml('filed', { a: '2', c: '3' }),
      'other.yaml': yaml('filed', { b: '9' }),
    });
    const env = { PATH: process.env['PATH'], HOME: cwd, KUBECONFIG: '/dev/null' };
    const kubectl = (command: string): Promise<string> =>
      runShell(`kubectl --server ${api.url} ${command}`, { cwd, env });
    expect(await kubectl('apply -f edited.yaml')).toContain('configmap/filed configured');
    const applied = await get(api, 'filed');
    expect(applied?.data).toEqual({ a: '2', b: '1', c: '3' });
    expect(applied?.metadata.annotations?.[SOURCE_FILE]).toBe(join(directory, 'a.yaml'));
    // The fields of the file are the file's: taking them by server-side apply needs force.
    const refused = await kubectl('apply --server-side -f other.yaml --field-manager me');
    expect(refused).toContain('--force-conflicts');
    // What a file says next wins for what it says, and for nothing else.
    await put(directory, 'a.yaml', yaml('filed', { a: '4', b: '1' }));
    await expect.poll(dataOf(api, 'filed'), SOON).toEqual({ a: '4', b: '1', c: '3' });
  });
});

describe('over restarts with a data directory', () => {
  it('an object whose file did not change is not written again', async () => {
    const { start } = await withFiles(
      { 'a.yaml': yaml('kept', { a: '1' }) },
      await dataDirectory(),
    );
    const first = await start();
    const before = await get(first.api, 'kept');
    await first.stop();
    const { api } = await start();
    expect(await get(api, 'kept')).toEqual(before);
  });

  it('a change of a file while nothing ran is taken over: fields that are gone from it go, those of others stay', async () => {
    const { directory, start } = await withFiles(
      { 'a.yaml': yaml('changed', { a: '1', b: '2' }) },
      await dataDirectory(),
    );
    const first = await start();
    await first.api.patch('merge', `${PATH}/changed?fieldManager=me`, { data: { mine: 'x' } });
    const { uid } = (await get(first.api, 'changed'))?.metadata ?? {};
    await first.stop();
    await put(directory, 'a.yaml', yaml('changed', { b: '3' }));
    const { api } = await start();
    const after = await get(api, 'changed');
    expect(after?.data).toEqual({ b: '3', mine: 'x' });
    expect(after?.metadata.uid).toBe(uid);
  });

  it('an object whose file went while nothing ran is gone, and what the API made is not', async () => {
    const { directory, start } = await withFiles(
      { 'a.yaml': yaml('one', {}), 'b.yaml': yaml('two', {}) },
      await dataDirectory(),
    );
    const first = await start();
    await first.api.post(PATH, configMap('made', { a: '1' }));
    const annotations = { [SOURCE_FILE]: join(directory, 'a.yaml') };
    await first.api.post(PATH, configMap('copied', {}, { annotations }));
    await first.stop();
    await rm(join(directory, 'a.yaml'));
    const { api } = await start();
    expect(await get(api, 'one')).toBeUndefined();
    expect(await get(api, 'two')).toBeDefined();
    expect((await get(api, 'made'))?.data).toEqual({ a: '1' });
    expect(await get(api, 'copied')).toBeDefined();
  });

  it('an object from a file goes with it in the next life', async () => {
    const { directory, start } = await withFiles(
      { 'a.yaml': yaml('one', {}), 'b.yaml': yaml('two', {}) },
      await dataDirectory(),
    );
    const first = await start();
    await first.stop();
    const { api } = await start();
    await rm(join(directory, 'a.yaml'));
    await expect.poll(dataOf(api, 'one'), SOON).toBe('absent');
    expect(await get(api, 'two')).toBeDefined();
  });

  it('objects from other files than those of this start are left alone', async () => {
    const dataDir = await dataDirectory();
    const one = await withFiles({ 'a.yaml': yaml('one', {}) }, dataDir);
    const other = await withFiles({ 'a.yaml': yaml('other', {}) }, dataDir);
    await (await one.start()).stop();
    const { api } = await other.start();
    expect(await get(api, 'one')).toBeDefined();
    expect(await get(api, 'other')).toBeDefined();
  });

  it('an object that the API made and a file spoke of is still not the file to delete', async () => {
    const dataDir = await dataDirectory();
    const { directory, start } = await withFiles({ 'a.yaml': yaml('other', {}) }, dataDir);
    const first = await start();
    await first.api.post(`${PATH}?fieldManager=me`, configMap('made', { mine: 'x' }));
    await put(directory, 'b.yaml', yaml('made', { filed: 'y' }));
    await expect.poll(dataOf(first.api, 'made'), SOON).toEqual({ mine: 'x', filed: 'y' });
    await first.stop();
    const second = await start();
    expect((await get(second.api, 'made'))?.data).toEqual({ mine: 'x', filed: 'y' });
    await rm(join(directory, 'b.yaml'));
    await expect.poll(dataOf(second.api, 'made'), SOON).toEqual({ mine: 'x' });
  });
});
