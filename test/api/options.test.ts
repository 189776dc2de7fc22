/** Options of requests that write: what is misunderstood must not be done for real. */
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, shareLaptop, type ApiClient } from './api-client.ts';
import { RawConnection } from './raw-http.ts';

let api: ApiClient;

shareLaptop((laptop) => {
  ({ api } = laptop);
});

const PATH = configMaps('default');

function invalid(kind: string, field: string) {
  const causes = [expect.objectContaining({ field }) as unknown];
  return { code: 422, reason: 'Invalid', details: { group: 'meta.k8s.io', kind, causes } };
}

describe('a deletion', () => {
  it.each([
    ['dryRun that is no list', { dryRun: 'All' }],
    ['dryRun of something else', { dryRun: ['Some'] }],
    ['preconditions that are none', { preconditions: 'x' }],
    ['a uid that is no text', { preconditions: { uid: 5 } }],
    ['a period that is no number', { gracePeriodSeconds: 'x' }],
    ['orphanDependents that is neither', { orphanDependents: 'x' }],
    ['an unknown policy', { propagationPolicy: 'x' }],
    ['two policies', { propagationPolicy: 'Background', orphanDependents: true }],
    ['another kind', { kind: 'ConfigMap', apiVersion: 'v1' }],
    ['a list', []],
  ])('with %s is refused, and the object stays', async (_what, options) => {
    await api.post(PATH, configMap('stays'));
    expect([400, 422]).toContain((await api.delete(`${PATH}/stays`, options)).status);
    expect((await api.get(`${PATH}/stays`)).status).toBe(200);
  });

  it.each(['gracePeriodSeconds=abc', 'propagationPolicy=x', 'dryRun=', 'dryRun=&dryRun=All'])(
    'with ?%s is refused, and the object stays',
    async (query) => {
      await api.post(PATH, configMap('stays'));
      expect([400, 422]).toContain((await api.call('DELETE', `${PATH}/stays?${query}`)).status);
      expect((await api.get(`${PATH}/stays`)).status).toBe(200);
    },
  );

  it('is tried where the body or the query says so', async () => {
    await api.post(PATH, configMap('stays'));
    for (const [query, body] of [
      ['', { dryRun: ['All'] }],
      ['?dryRun=All', {}],
      ['?dryRun=All', undefined],
    ] as const) {
      expect((await api.call('DELETE', `${PATH}/stays${query}`, body)).status).toBe(200);
    }
    expect((await api.get(`${PATH}/stays`)).status).toBe(200);
    const { status } = await api.delete(`${PATH}/stays`, { dryRun: [], gracePeriodSeconds: -5 });
    expect(status).toBe(200);
    expect((await api.get(`${PATH}/stays`)).status).toBe(404);
  });

  it.each(['services', 'serviceaccounts'])('of %s answers with the object', async (plural) => {
    const path = `/api/v1/namespaces/default/${plural}`;
    const spec = plural === 'services' ? { spec: { ports: [{ port: 80 }] } } : {};
    const { body: created } = await api.post(path, { metadata: { name: 'shown' }, ...spec });
    const { body: deleted } = await api.delete(`${path}/shown`);
    expect(deleted).toMatchObject({ kind: created.kind, metadata: { uid: created.metadata.uid } });
    expect((await api.get(`${path}/shown`)).status).toBe(404);
  });
});

describe('a write', () => {
  it.each([
    ['dryRun=foo', 'dryRun'],
    ['dryRun=', 'dryRun'],
    ['dryRun=&dryRun=All', 'dryRun'],
    ['fieldValidation=foo', 'fieldValidation'],
  ])('with ?%s is refused, and nothing is made', async (query, field) => {
    const made = await api.post(`${PATH}?${query}`, configMap('unmade'));
    expect(made.body).toMatchObject(invalid('CreateOptions', field));
    const put = await api.put(`${PATH}/unmade?${query}`, configMap('unmade'));
    expect(put.body).toMatchObject(invalid('UpdateOptions', field));
    const patched = await api.patch('merge', `${PATH}/unmade?${query}`, {});
    expect(patched.body).toMatchObject(invalid('PatchOptions', field));
    expect((await api.get(`${PATH}/unmade`)).status).toBe(404);
  });

  it('in which a field stands twice is refused, told of, or taken, as the client wishes', async () => {
    const twice = '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}';
    const what = 'duplicate field "data.a"';
    const strict = await api.post(`${PATH}?fieldValidation=Strict`, twice);
    expect(strict.body).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(strict.body.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"',
    );
    const warned = await api.post(PATH, twice);
    expect([warned.status, warned.body.data]).toEqual([201, { a: '2' }]);
    expect(warned.headers['warning']).toBe(`299 - ${JSON.stringify(what)}`);
    const ignored = await api.put(`${PATH}/twice?fieldValidation=Ignore`, twice);
    expect([ignored.status, ignored.headers['warning']]).toEqual([200, undefined]);
    for (const type of ['merge', 'apply'] as const) {
      const path = `${PATH}/twice?fieldValidation=Strict&fieldManager=x`;
      const typed = `{"apiVersion":"v1","kind":"ConfigMap",${twice.slice(1)}`;
      const { body } = await api.patch(type, path, typed);
      expect([body.code, body.message], type).toEqual([400, expect.stringContaining(what)]);
    }
  });

  it.each(['true', 'false'])('takes force=%s for apply alone', async (force) => {
    const { body } = await api.patch('merge', `${PATH}/x?force=${force}`, {});
    expect(body).toMatchObject(invalid('PatchOptions', 'force'));
  });
});

describe('a question', () => {
  it.each(['limit=-1', 'timeoutSeconds=-1', 'limit=9223372036854775807'])(
    'with %s is one without',
    async (query) => {
      expect((await api.get(`${PATH}?${query}`)).status).toBe(200);
    },
  );

  it('tells how many remain only of all that there is', async () => {
    for (const name of ['p1', 'p2', 'p3']) {
      await api.post(PATH, { ...configMap(name), metadata: { name, labels: { paged: 'yes' } } });
    }
    const whole = await api.list(`${PATH}?limit=1`);
    expect(whole.metadata.remainingItemCount).toBeGreaterThanOrEqual(2);
    const some = await api.list(`${PATH}?limit=1&labelSelector=paged`);
    expect(some.metadata.remainingItemCount).toBeUndefined();
    expect(some.metadata.continue).toBeDefined();
  });

  it('may be as long as the selectors of generated clients are', async () => {
    const names = Array.from({ length: 90 }, (_, index) => `${'v'.repeat(50)}${String(index)}`);
    const selector = encodeURIComponent(
      Array.from(
        { length: 9 },
        (_, index) => `k${String(index)} notin (${names.join(',')})`,
      ).join(),
    );
    expect(selector.length).toBeGreaterThan(40_000);
    expect((await api.get(`${PATH}?labelSelector=${selector}`)).status).toBe(200);
  });

  it.each([PATH, `${PATH}?watch=true`])('by HEAD is not allowed: %s', async (path) => {
    const connection = await RawConnection.open(api.url);
    connection.write(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect((await connection.answer()).status).toBe(405);
  });

  it.each(['/version', '/version/', '/api/', '/apis/'])('about %s', async (path) => {
    expect((await api.get(path)).status).toBe(200);
  });
});
