import { describe, expect, it, onTestFinished } from 'vitest';
import { startTestAfflux } from '../testing/test-afflux.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'shop.example';

interface Answer {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** A process with its API as a client sees it. */
async function startApi() {
  const test = await startTestAfflux();
  onTestFinished(() => test.close());
  const { controlUrl } = test.afflux;
  const call = async (method: string, path: string, body?: object) => {
    const type = method === 'PATCH' ? 'merge-patch+json' : 'json';
    const response = await fetch(controlUrl + path, {
      method,
      headers: { 'content-type': `application/${type}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { code: response.status, body: (await response.json()) as Answer };
  };
  const define = async (plural: string, kind: string, names: object = {}) => {
    const schema = {
      openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    };
    const versions = ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema,
    }));
    const { code } = await call('POST', CRDS, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${GROUP}` },
      spec: { group: GROUP, scope: 'Namespaced', names: { plural, kind, ...names }, versions },
    });
    expect(code).toBe(201);
  };
  return {
    call,
    define,
    /** `NamesAccepted Established`, once they are `expected`. */
    conditionsAre: (plural: string, expected: string) =>
      expect
        .poll(async () => {
          const { body } = await call('GET', `${CRDS}/${plural}.${GROUP}`);
          return body.status?.conditions?.map(({ status }) => status).join(' ');
        })
        .toBe(expected),
    remove: (plural: string) => call('DELETE', `${CRDS}/${plural}.${GROUP}`),
    create: async (kind: string, plural: string, name: string) => {
      const path = `/apis/${GROUP}/v1/namespaces/default/${plural}`;
      const object = { apiVersion: `${GROUP}/v1`, kind, metadata: { name } };
      return (await call('POST', path, object)).code;
    },
    /** The events of a watch, when it has ended. */
    watch: async (version: string, plural: string) => {
      const response = await fetch(`${controlUrl}/apis/${GROUP}/${version}/${plural}?watch=1`);
      const text = response.text();
      return async () =>
        (await text)
          .trim()
          .split('\n')
          .map((line) => {
            const { type, object } = JSON.parse(line) as WatchEvent;
            return `${type} ${object.apiVersion} ${object.metadata.name}`;
          });
    },
  };
}

interface WatchEvent {
  readonly type: string;
  readonly object: { readonly apiVersion: string; readonly metadata: { readonly name: string } };
}

describe('a definition whose names another has', () => {
  it('is served when the other is gone', async () => {
    const { define, conditionsAre, create, remove } = await startApi();
    await define('boxes', 'Box');
    await conditionsAre('boxes', 'True True');
    await define('crates', 'Box');
    await conditionsAre('crates', 'False False');
    expect(await create('Box', 'crates', 'a')).toBe(404);
    await remove('boxes');
    await conditionsAre('crates', 'True True');
    expect(await create('Box', 'crates', 'a')).toBe(201);
  });

  it('is served when the other lets them go', async () => {
    const { call, define, conditionsAre } = await startApi();
    await define('boxes', 'Box', { shortNames: ['bx'] });
    await conditionsAre('boxes', 'True True');
    await define('tins', 'Tin', { shortNames: ['bx'] });
    await conditionsAre('tins', 'False False');
    const body = { spec: { names: { shortNames: null } } };
    await call('PATCH', `${CRDS}/boxes.${GROUP}`, body);
    await conditionsAre('tins', 'True True');
  });

  it('is served when somebody takes the finalizer of the other off', async () => {
    const { call, define, conditionsAre, create, remove } = await startApi();
    await define('boxes', 'Box');
    await conditionsAre('boxes', 'True True');
    await define('crates', 'Box');
    await conditionsAre('crates', 'False False');
    await call('PATCH', `${CRDS}/boxes.${GROUP}`, { metadata: { finalizers: null } });
    await remove('boxes');
    await conditionsAre('crates', 'True True');
    expect(await create('Box', 'crates', 'a')).toBe(201);
  });
});

it('watches see the objects go with their definition, and end', async () => {
  const { define, conditionsAre, create, remove, watch } = await startApi();
  await define('boxes', 'Box');
  await conditionsAre('boxes', 'True True');
  for (const name of ['a', 'b']) expect(await create('Box', 'boxes', name)).toBe(201);
  const [first, second] = [await watch('v1', 'boxes'), await watch('v2', 'boxes')];
  await remove('boxes');
  const story = (version: string) =>
    ['ADDED', 'DELETED'].flatMap((type) =>
      ['a', 'b'].map((name) => `${type} ${GROUP}/${version} ${name}`),
    );
  expect(await first()).toEqual(story('v1'));
  expect(await second()).toEqual(story('v2'));
});

it('says that it goes while finalizers hold its objects, and takes no new ones', async () => {
  const { call, define, conditionsAre, create, remove } = await startApi();
  await define('boxes', 'Box');
  await conditionsAre('boxes', 'True True');
  expect(await create('Box', 'boxes', 'held')).toBe(201);
  const held = `/apis/${GROUP}/v1/namespaces/default/boxes/held`;
  await call('PATCH', held, { metadata: { finalizers: ['shop.example/held'] } });
  await remove('boxes');
  await conditionsAre('boxes', 'True True True');
  const { body } = await call('GET', `${CRDS}/boxes.${GROUP}`);
  expect(body.status?.conditions?.at(-1)).toMatchObject({
    type: 'Terminating',
    reason: 'InstanceDeletionInProgress',
  });
  expect(await create('Box', 'boxes', 'late')).toBe(405);
  expect((await call('GET', held)).code).toBe(200);
  await call('PATCH', held, { metadata: { finalizers: null } });
  await expect.poll(async () => (await call('GET', `${CRDS}/boxes.${GROUP}`)).code).toBe(404);
  // Defined anew it is as if it had never gone.
  await define('boxes', 'Box');
  await conditionsAre('boxes', 'True True');
  expect(await create('Box', 'boxes', 'late')).toBe(201);
});
