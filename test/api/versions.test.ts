/** A user's kind in several versions: one set of objects, whatever becomes of the versions. */
import { expect, it } from 'vitest';
import { shareLaptop, type ApiClient } from './api-client.ts';
import { SOON, WatchStream } from './watch-stream.ts';

let api: ApiClient;

shareLaptop((laptop) => {
  ({ api } = laptop);
});

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Version {
  readonly name: string;
  readonly storage?: boolean;
  readonly served?: boolean;
  readonly spec: object;
}

/** A definition in a group of its own. */
function bolts(group: string, versions: readonly Version[]) {
  const names = { plural: 'bolts', kind: 'Bolt' };
  return {
    metadata: { name: `bolts.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names,
      versions: versions.map(({ name, storage = false, served = true, spec }) => ({
        name,
        served,
        storage,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: spec },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      })),
    },
  };
}

const TEXT = { type: 'string' };

async function define(group: string, versions: readonly Version[]): Promise<void> {
  const crd = bolts(group, versions);
  const path = `${CRDS}/${crd.metadata.name}`;
  const before = await api.get(path);
  if (before.status === 404) {
    expect((await api.post(CRDS, crd)).status).toBe(201);
  } else {
    const patched = await api.patch('merge', path, { spec: crd.spec });
    expect(patched.body).toMatchObject({ spec: { versions: crd.spec.versions } });
  }
  for (const { name, served = true } of versions) {
    const status = async () => (await api.get(at(group, name))).status;
    await expect.poll(status, SOON).toBe(served ? 200 : 404);
  }
}

function at(group: string, version: string, name = ''): string {
  return `/apis/${group}/${version}/namespaces/default/bolts${name === '' ? '' : `/${name}`}`;
}

it('has the same objects when another version becomes the one that is stored', async () => {
  const group = 'moved.example';
  const v1 = { name: 'v1', spec: { a: TEXT } };
  const v2 = { name: 'v2', spec: { a: TEXT, b: TEXT } };
  await define(group, [{ ...v1, storage: true }, v2]);
  await api.post(at(group, 'v1'), { metadata: { name: 'x' }, spec: { a: '1' } });
  await define(group, [v1, { ...v2, storage: true }]);
  for (const version of ['v1', 'v2']) {
    const { items } = await api.list(at(group, version));
    expect(items.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([['x', { a: '1' }]]);
  }
  const again = await api.post(at(group, 'v2'), { metadata: { name: 'x' } });
  expect(again.body).toMatchObject({ code: 409, reason: 'AlreadyExists' });
  // And when the first is served no more.
  await define(group, [
    { ...v1, served: false },
    { ...v2, storage: true },
  ]);
  expect((await api.get(at(group, 'v2', 'x'))).body['spec']).toEqual({ a: '1' });
  await api.delete(`${CRDS}/bolts.${group}`);
  const gone = async () => (await api.get(`${CRDS}/bolts.${group}`)).status;
  await expect.poll(gone, SOON).toBe(404);
  await define(group, [{ ...v2, storage: true }]);
  expect((await api.list(at(group, 'v2'))).items).toEqual([]);
});

it('is checked by, and shown with, the fields of the version that is asked for', async () => {
  const group = 'fields.example';
  await define(group, [
    { name: 'v1', storage: true, spec: { a: TEXT } },
    { name: 'v2', spec: { a: TEXT, b: { type: 'string', default: 'usual' } } },
  ]);
  const strict = '?fieldValidation=Strict';
  const spec = { a: '1', b: '2' };
  const made = await api.post(`${at(group, 'v2')}${strict}`, { metadata: { name: 'x' }, spec });
  expect(made.body).toMatchObject({ apiVersion: `${group}/v2`, spec });
  const refused = await api.post(`${at(group, 'v1')}${strict}`, { metadata: { name: 'y' }, spec });
  expect(refused.body).toMatchObject({ code: 400 });
  expect(refused.body.message).toContain('unknown field "spec.b"');
  expect((await api.get(at(group, 'v1', 'x'))).body['spec']).toEqual({ a: '1' });
  // A patch is made of the version in which it is sent.
  await api.patch('merge', at(group, 'v2', 'x'), { spec: { a: '3' } });
  expect((await api.get(at(group, 'v2', 'x'))).body['spec']).toEqual({ a: '3', b: '2' });
  await api.post(at(group, 'v1'), { metadata: { name: 'y' }, spec: { a: '1' } });
  expect((await api.get(at(group, 'v2', 'y'))).body['spec']).toEqual({ a: '1', b: 'usual' });
  const { body } = await api.get(at(group, 'v2', 'y'));
  expect(body.metadata.managedFields).toEqual([
    expect.objectContaining({ apiVersion: `${group}/v2` }),
  ]);
});

it('has a definition that can be written back as it was read', async () => {
  const group = 'again.example';
  await define(group, [{ name: 'v1', storage: true, spec: { a: TEXT } }]);
  const path = `${CRDS}/bolts.${group}`;
  const isEstablished = async () => JSON.stringify((await api.get(path)).body['status']);
  await expect.poll(isEstablished, SOON).toContain('Established');
  const { body } = await api.get(path);
  const again = await api.put(`${path}?fieldValidation=Strict`, {
    ...body,
    metadata: { ...body.metadata, labels: { changed: 'yes' } },
  });
  expect([again.status, again.headers['warning']]).toEqual([200, undefined]);
});

it('shows defaults that came later than the object', async () => {
  const group = 'later.example';
  await define(group, [{ name: 'v1', storage: true, spec: { a: TEXT } }]);
  await api.post(at(group, 'v1'), { metadata: { name: 'x' }, spec: { a: '1' } });
  const c = { type: 'integer', default: 5 };
  await define(group, [{ name: 'v1', storage: true, spec: { a: TEXT, c } }]);
  const spec = async () => (await api.get(at(group, 'v1', 'x'))).body['spec'];
  await expect.poll(spec, SOON).toEqual({ a: '1', c: 5 });
});

it('keeps status apart, and checks it', async () => {
  const group = 'states.example';
  await define(group, [{ name: 'v1', storage: true, spec: { a: TEXT } }]);
  const path = at(group, 'v1', 'x');
  const status = { phase: 'Done' };
  const made = await api.post(at(group, 'v1'), { metadata: { name: 'x' }, spec: {}, status });
  expect(made.body['status']).toBeUndefined();
  expect((await api.patch('merge', `${path}/status`, { status })).body).toMatchObject({ status });
  const wrong = { status: { phase: 5 } };
  expect((await api.patch('merge', `${path}/status`, wrong)).body).toMatchObject({ code: 422 });
  // A status that is wrong or old does not matter to a write of the rest.
  const { body } = await api.get(path);
  const changed = await api.put(path, { ...body, spec: { a: '2' }, ...wrong });
  expect(changed.body).toMatchObject({ spec: { a: '2' }, status, metadata: { generation: 2 } });
  const kept = await api.put(`${path}/status`, { ...changed.body, spec: { a: '9' }, status: {} });
  expect(kept.body).toMatchObject({ spec: { a: '2' }, status: {}, metadata: { generation: 2 } });
});

it('takes many patches of one object at once', async () => {
  const group = 'busy.example';
  const fields = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${String(n)}`, TEXT]));
  await define(group, [{ name: 'v1', storage: true, spec: fields }]);
  await api.post(at(group, 'v1'), { metadata: { name: 'x' }, spec: {} });
  const patches = Object.keys(fields).map((name) =>
    api.patch('merge', at(group, 'v1', 'x'), { spec: { [name]: 'set' } }),
  );
  expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(patches.map(() => 200));
  const { body } = await api.get(at(group, 'v1', 'x'));
  expect(Object.keys(body['spec'] as object)).toHaveLength(60);
});

it('tells watches of each version what becomes of an object, and how it goes with its kind', async () => {
  const group = 'watched.example';
  await define(group, [
    { name: 'v1', storage: true, spec: { a: TEXT } },
    { name: 'v2', spec: { a: TEXT, b: TEXT } },
  ]);
  const watch = await WatchStream.open(api.url, `${at(group, 'v1')}?watch=true`);
  const spec = { a: '1', b: '2' };
  await api.post(at(group, 'v2'), { metadata: { name: 'x' }, spec });
  await api.delete(`${CRDS}/bolts.${group}`);
  await expect.poll(() => watch.events.map(({ type }) => type), SOON).toEqual(['ADDED', 'DELETED']);
  expect(watch.events[0]?.object).toMatchObject({ apiVersion: `${group}/v1`, spec: { a: '1' } });
});
