/** EventTypes in the two shapes of their versions, which are one set of objects. */
import { expect, it } from 'vitest';
import { shareLaptop, type ApiClient } from './api-client.ts';
import { SOON } from './watch-stream.ts';

let api: ApiClient;

shareLaptop((laptop) => {
  ({ api } = laptop);
});

const NEWER = '/apis/eventing.knative.dev/v1beta3/namespaces/default/eventtypes';
const OLDER = '/apis/eventing.knative.dev/v1beta2/namespaces/default/eventtypes';

const PLAIN = [
  { name: 'specversion', required: true },
  { name: 'id', required: true },
  { name: 'type', required: true, value: 'order.placed' },
  { name: 'source', required: true, value: '/shop' },
];
const MORE = [
  { name: 'type', required: true, value: 'order.{kind}' },
  { name: 'source', required: true, value: '/shop' },
  { name: 'specversion', required: true, value: '1.0' },
  { name: 'id', required: true },
  { name: 'region', required: false, value: 'eu-{number}' },
];

function newer(name: string, attributes: object[]) {
  return { metadata: { name }, spec: { attributes, description: 'of tests' } };
}

it('is written with attributes and read with fields, and the other way round', async () => {
  const created = await api.post(`${NEWER}?fieldValidation=Strict`, newer('plain', PLAIN));
  expect(created.status).toBe(201);
  expect(created.body['spec']).toEqual({ attributes: PLAIN, description: 'of tests' });
  expect((await api.get(`${OLDER}/plain`)).body['spec']).toEqual({
    type: 'order.placed',
    source: '/shop',
    description: 'of tests',
  });
  const spec = { type: 'a', source: '/s', schema: '/x' };
  await api.post(OLDER, { metadata: { name: 'older' }, spec });
  expect((await api.get(`${NEWER}/older`)).body['spec']).toEqual({
    attributes: [
      { name: 'specversion', required: true },
      { name: 'id', required: true },
      { name: 'type', required: true, value: 'a' },
      { name: 'source', required: true, value: '/s' },
      { name: 'schemadata', required: false, value: '/x' },
    ],
  });
});

it('keeps attributes that the older versions have no field for', async () => {
  const { body: created } = await api.post(NEWER, newer('more', MORE));
  expect(created['spec']).toMatchObject({ attributes: MORE });
  expect(created.metadata.annotations).toBeUndefined();
  const changed = MORE.map((each) => (each.name === 'region' ? { ...each, value: 'us' } : each));
  // Its controller may write the status meanwhile.
  const write = async (): Promise<unknown> => {
    const { body: read } = await api.get(`${NEWER}/more`);
    const spec = { attributes: changed };
    return (await api.put(`${NEWER}/more`, { ...read, spec })).body['spec'];
  };
  await expect.poll(write, SOON).toEqual({ attributes: changed });
  // What a client of the older version writes counts.
  await api.patch('merge', `${OLDER}/more`, { spec: { type: 'order.other' } });
  const { body: read } = await api.get(`${NEWER}/more`);
  expect(JSON.stringify(read['spec'])).toContain('order.other');
});

it.each(['merge', 'json', 'apply'] as const)('takes a %s patch of attributes', async (type) => {
  await api.post(NEWER, newer(`by-${type}`, PLAIN));
  const attributes = PLAIN.map((each) => (each.name === 'type' ? { ...each, value: 'b' } : each));
  const body = {
    merge: { spec: { attributes } },
    json: [{ op: 'replace', path: '/spec/attributes/2/value', value: 'b' }],
    apply: {
      apiVersion: 'eventing.knative.dev/v1beta3',
      kind: 'EventType',
      ...newer(`by-${type}`, attributes),
    },
  }[type];
  const path = `${NEWER}/by-${type}?fieldManager=test${type === 'apply' ? '&force=true' : ''}`;
  const { body: patched } = await api.patch(type, path, body);
  expect(patched['spec']).toMatchObject({ attributes });
  expect((await api.get(`${OLDER}/by-${type}`)).body['spec']).toMatchObject({ type: 'b' });
});

it('is checked in the version in which it is written', async () => {
  const { body } = await api.post(NEWER, newer('short', PLAIN.slice(2)));
  expect(body).toMatchObject({ code: 422, reason: 'Invalid' });
  expect(body.message).toContain('spec.attributes');
  const strict = await api.post(`${NEWER}?fieldValidation=Strict`, {
    metadata: { name: 'mixed' },
    spec: { attributes: PLAIN, type: 'x' },
  });
  expect(strict.body).toMatchObject({ code: 400 });
  expect(strict.body.message).toContain('unknown field "spec.type"');
});

it('is told to watches in the version that they ask for', async () => {
  await api.post(NEWER, newer('watched', MORE));
  const { text } = await api.get(
    `${NEWER}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched`,
  );
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({
    type: 'ADDED',
    object: { apiVersion: 'eventing.knative.dev/v1beta3', spec: { attributes: MORE } },
  });
});
