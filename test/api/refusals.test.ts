/** Requests that are wrong, and what they are told: the codes and reasons that clients look at. */
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, shareLaptop, type ApiClient } from './api-client.ts';
import { exchange, RawConnection } from './raw-http.ts';
import { SOON } from './watch-stream.ts';

let api: ApiClient;

shareLaptop((laptop) => {
  ({ api } = laptop);
});

const PATH = configMaps('default');
const BROKERS = '/apis/eventing.knative.dev/v1/namespaces/default/brokers';
const TRIGGERS = '/apis/eventing.knative.dev/v1/namespaces/default/triggers';

describe('an object that is not the one that was read', () => {
  it('is a conflict (409) for an update with an old version, and the object stays', async () => {
    const { body: created } = await api.post(PATH, configMap('stale', { a: '1' }));
    expect((await api.put(`${PATH}/stale`, { ...created, data: { a: '2' } })).status).toBe(200);
    const { body } = await api.put(`${PATH}/stale`, { ...created, data: { a: '3' } });
    expect(body).toMatchObject({
      kind: 'Status',
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'stale', kind: 'configmaps' },
    });
    expect((await api.get(`${PATH}/stale`)).body.data).toEqual({ a: '2' });
  });

  it('is a conflict for a patch that carries the old version, and for a deletion with it as condition', async () => {
    const { body: created } = await api.post(PATH, configMap('stale-too', { a: '1' }));
    const { resourceVersion, uid } = created.metadata;
    await api.patch('merge', `${PATH}/stale-too`, { data: { a: '2' } });
    const patch = { metadata: { resourceVersion }, data: { a: '3' } };
    expect((await api.patch('merge', `${PATH}/stale-too`, patch)).status).toBe(409);
    for (const preconditions of [{ resourceVersion }, { uid: 'another' }]) {
      const { status } = await api.delete(`${PATH}/stale-too`, { preconditions });
      expect(status).toBe(409);
    }
    expect((await api.delete(`${PATH}/stale-too`, { preconditions: { uid } })).status).toBe(200);
  });

  it('of two writers with the same version one wins, and only one', async () => {
    const { body: created } = await api.post(PATH, configMap('raced', {}));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        api.put(`${PATH}/raced`, { ...created, data: { winner: String(index) } }),
      ),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect((await api.get(`${PATH}/raced`)).body.data).toEqual(winners[0]?.body.data);
  });

  it('is there already (409) for a second creation', async () => {
    await api.post(PATH, configMap('twice'));
    const { body } = await api.post(PATH, configMap('twice'));
    expect(body).toMatchObject({ code: 409, reason: 'AlreadyExists' });
  });
});

describe('what is not there', () => {
  it.each([
    ['a kind', '/apis/eventing.knative.dev/v1/namespaces/default/brokes'],
    ['a version', '/apis/eventing.knative.dev/v9/namespaces/default/brokers'],
    ['a group', '/apis/none.example.com/v1/things'],
    ['a subresource', `${BROKERS}/main/scales`],
    ['a cluster kind in a namespace', '/api/v1/namespaces/default/namespaces/x'],
    ['a namespaced object without its namespace', '/api/v1/configmaps/x'],
  ])('%s is not found (404)', async (_what, path) => {
    for (const method of ['GET', 'DELETE']) {
      const { body } = await api.call(method, path);
      expect(body, method).toMatchObject({ kind: 'Status', code: 404, reason: 'NotFound' });
    }
  });

  it('an object is not found, by its name', async () => {
    const { body } = await api.get(`${PATH}/none`);
    expect(body).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
      details: { name: 'none', kind: 'configmaps' },
    });
    for (const answer of [
      await api.put(`${PATH}/none`, configMap('none')),
      await api.patch('merge', `${PATH}/none`, {}),
      await api.delete(`${PATH}/none`),
    ]) {
      expect(answer.status).toBe(404);
    }
  });

  it('a namespace: nothing is made in it', async () => {
    const { body } = await api.post(configMaps('nowhere'), configMap('x'));
    expect(body).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
  });
});

describe('a body that does not belong to its path', () => {
  it.each([
    ['the version of another kind', { apiVersion: 'apps/v1', kind: 'ConfigMap' }, 400],
    ['another kind', { apiVersion: 'v1', kind: 'Secret' }, 400],
    ['a list', { apiVersion: 'v1', kind: 'List', items: [] }, 400],
    ['another namespace', { ...configMap('x'), metadata: { name: 'x', namespace: 'other' } }, 400],
    ['no name', { metadata: {} }, 422],
    ['a name that is none', configMap('Not_A_Name'), 422],
    ['a name that is too long', configMap('n'.repeat(254)), 422],
  ])('%s', async (_what, body, code) => {
    expect((await api.post(PATH, body)).body).toMatchObject({ kind: 'Status', code });
  });

  it.each([
    ['no JSON', '{"a":'],
    ['a text', '"x"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['two objects', '{}{}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ])('%s is refused with 400', async (_what, body) => {
    const { body: answer } = await api.call('POST', PATH, body, {
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({ kind: 'Status', code: 400, reason: 'BadRequest' });
  });

  it('another name than the one of the path is refused for an update', async () => {
    await api.post(PATH, configMap('named'));
    const { body } = await api.put(`${PATH}/named`, configMap('other'));
    expect(body).toMatchObject({ code: 400 });
  });
});

describe('a field that may not change', () => {
  it("is named with its path (422): the broker of a Trigger, a Broker's class, an immutable ConfigMap", async () => {
    const trigger = {
      metadata: { name: 'kept' },
      spec: { broker: 'one', subscriber: { uri: 'http://127.0.0.1:1/' } },
    };
    expect((await api.post(TRIGGERS, trigger)).status).toBe(201);
    const { body: changed } = await api.patch('merge', `${TRIGGERS}/kept`, {
      spec: { broker: 'other' },
    });
    expect(changed).toMatchObject({ code: 422, reason: 'Invalid', details: { kind: 'Trigger' } });
    // Knative's own words for it.
    expect(fieldsOf(changed)).toEqual(['spec', 'broker']);
    expect(changed.message).toContain('Immutable fields changed (-old +new)');

    const annotations = { 'eventing.knative.dev/broker.class': 'MTChannelBasedBroker' };
    expect((await api.post(BROKERS, { metadata: { name: 'kept', annotations } })).status).toBe(201);
    const { body: reclassed } = await api.patch('merge', `${BROKERS}/kept`, {
      metadata: { annotations: { 'eventing.knative.dev/broker.class': 'Kafka' } },
    });
    expect(reclassed).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(fieldsOf(reclassed)).toEqual(['annotations']);
    expect(reclassed.message).toContain('Immutable annotations changed (-old +new)');

    await api.post(PATH, { ...configMap('fixed', { a: '1' }), immutable: true });
    const { body: fixed } = await api.patch('merge', `${PATH}/fixed`, { data: { a: '2' } });
    expect(fixed).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(fieldsOf(fixed)).toContain('data');
  });

  it('is one of the store: uid and name stay', async () => {
    const { body: created } = await api.post(PATH, configMap('system'));
    const { body } = await api.patch('merge', `${PATH}/system`, { metadata: { name: 'other' } });
    expect([400, 422]).toContain(body.code);
    const patched = await api.patch('merge', `${PATH}/system`, { metadata: { uid: 'mine' } });
    const now = (await api.get(`${PATH}/system`)).body;
    expect(now.metadata.uid).toBe(created.metadata.uid);
    expect([200, 409, 422]).toContain(patched.status);
  });
});

/** What stands before a body of so many bytes. */
function postHead(length: number): string {
  return [
    `POST ${PATH} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${String(length)}`,
    '',
    '',
  ].join('\r\n');
}

function fieldsOf({ details }: { details?: { causes?: readonly { field?: string }[] } }): string[] {
  return (details?.causes ?? []).map(({ field }) => field ?? '');
}

describe('T02 a body that is too large', () => {
  it('of more than 3 MiB is refused (413), by its length before it is read', async () => {
    const connection = await RawConnection.open(api.url);
    connection.write(postHead(3 * 1024 * 1024 + 1));
    const answer = await connection.answer();
    expect(answer.status).toBe(413);
    expect(answer.body).toContain('"reason":"RequestEntityTooLarge"');
  });

  it('that does not say its length is refused when it is too long', async () => {
    const connection = await RawConnection.open(api.url);
    connection.write(
      [
        `POST ${PATH} HTTP/1.1`,
        'Host: localhost',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        '',
      ].join('\r\n'),
    );
    const chunk = `${(1024 * 1024).toString(16)}\r\n${' '.repeat(1024 * 1024)}\r\n`;
    for (let count = 0; count < 4 && !connection.isClosed; count += 1) connection.write(chunk);
    expect((await connection.answer()).status).toBe(413);
  });

  it('is refused although the object alone is what is too large (413), and smaller ones are taken', async () => {
    const filters = [{ exact: { type: 'x'.repeat(1_600_000) } }];
    const spec = { broker: 'none', filters, subscriber: { uri: 'http://127.0.0.1:1/' } };
    const { body } = await api.post(TRIGGERS, { metadata: { name: 'large' }, spec });
    expect(body).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
    // A ConfigMap has a bound of its own, as in Kubernetes.
    const large = configMap('large', { filling: 'x'.repeat(1_100_000) });
    expect((await api.post(PATH, large)).body).toMatchObject({ code: 422, reason: 'Invalid' });
    const fits = configMap('large', { filling: 'x'.repeat(900_000) });
    expect((await api.post(PATH, fits)).status).toBe(201);
  });

  it('is too much together with others (429, with Retry-After), until they are gone', async () => {
    const longest = 3 * 1024 * 1024;
    // Together they send 66 of 64 MiB, none of them the last byte.
    const others = await Promise.all(Array.from({ length: 22 }, () => RawConnection.open(api.url)));
    for (const connection of others) connection.write(postHead(longest) + ' '.repeat(longest - 1));
    const refused = () => others.filter(({ received }) => received !== '');
    await expect.poll(() => refused().length, SOON).toBeGreaterThan(0);
    for (const connection of refused()) {
      const { status, head: answered, body } = await connection.answer();
      expect([status, /retry-after: 1/i.test(answered)]).toEqual([429, true]);
      expect(body).toContain('"TooManyRequests"');
    }
    expect(refused().length).toBeLessThan(others.length / 2);
    // Whoever only asks, or needs little, is served.
    expect((await api.get(PATH)).status).toBe(200);
    expect((await api.post(PATH, configMap('little'))).status).toBe(201);
    for (const { socket } of others) socket.destroy();
    const large = configMap('much', { filling: 'x'.repeat(900_000) });
    const answers = () => Promise.all(Array.from({ length: 4 }, () => api.post(PATH, large)));
    await expect
      .poll(async () => (await answers()).map(({ status }) => status), SOON)
      .toEqual([409, 409, 409, 409]);
  });

  it('takes no room that is announced alone', async () => {
    const silent = await Promise.all(Array.from({ length: 40 }, () => RawConnection.open(api.url)));
    for (const connection of silent) {
      connection.write(postHead(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked'));
    }
    expect((await api.post(PATH, configMap('beside-silence'))).status).toBe(201);
  });

  it('does not grow by patches either', async () => {
    const data = { filling: 'x'.repeat(900_000) };
    await api.post(PATH, configMap('growing', data));
    const { body } = await api.patch('merge', `${PATH}/growing`, { data: { more: data.filling } });
    expect([413, 422]).toContain(body.code);
    expect((await api.get(`${PATH}/growing`)).body.data).toEqual(data);
  });
});

describe('a method or form that is not known', () => {
  it.each([
    ['POST', `${PATH}/x`, 405],
    ['PUT', PATH, 405],
    ['PATCH', PATH, 405],
    ['POST', '/api/v1/configmaps', 405],
    ['POST', '/version', 405],
    ['DELETE', '/api/v1/namespaces', 405],
    ['DELETE', `${BROKERS}/main/status`, 405],
    ['DELETE', '/apis', 405],
  ])('%s %s is not allowed', async (method, path, code) => {
    const { body } = await api.call(method, path, configMap('x'));
    expect(body).toMatchObject({ kind: 'Status', code, reason: 'MethodNotAllowed' });
  });

  it('a patch of an unknown type is not supported (415)', async () => {
    const headers = { 'content-type': 'application/json' };
    const { body } = await api.call('PATCH', `${PATH}/x`, '{}', { headers });
    expect(body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  });

  it('a form that is not served is not acceptable (406)', async () => {
    const { body } = await api.get(PATH, { headers: { accept: 'application/xml' } });
    expect(body).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });
});

describe('a connection that behaves badly', () => {
  it('breaks off in the middle of a body: nothing is made', async () => {
    const text = JSON.stringify(configMap('broken-off'));
    const connection = await RawConnection.open(api.url);
    connection.write(postHead(text.length) + text.slice(0, -1));
    connection.socket.resetAndDestroy();
    await connection.closed();
    expect((await api.get(`${PATH}/broken-off`)).status).toBe(404);
  });

  it.each([
    ['two names for one host', ['Host: localhost', 'Host: evil.example']],
    ['the same name twice', ['Host: localhost', 'Host: localhost']],
    ['two lengths', ['Host: localhost', 'Content-Length: 2', 'Content-Length: 3']],
    ['a length and chunks', ['Host: localhost', 'Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['an unknown coding', ['Host: localhost', 'Transfer-Encoding: gzip, identity']],
    ['no host', []],
    ['a folded header', ['Host: localhost', 'X-A: b', ' c']],
    ['a header with a space in its name', ['Host: localhost', 'X A: b']],
  ])('T11 sends %s: 400', async (_what, headers) => {
    const lines = [`GET ${PATH} HTTP/1.1`, ...headers, 'Connection: close'];
    expect((await exchange(api.url, lines)).status).toBe(400);
  });

  it('sends headers without an end: 431', async () => {
    const connection = await RawConnection.open(api.url);
    connection.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\n`);
    for (let count = 0; count < 100 && !connection.isClosed; count += 1) {
      connection.write(`X-${String(count)}: ${'x'.repeat(1_000)}\r\n`);
    }
    expect((await connection.answer()).status).toBe(431);
  });

  it('asks for another protocol: it is not given', async () => {
    const lines = [`GET ${PATH} HTTP/1.1`, 'Host: localhost'];
    const upgrade = ['Connection: Upgrade, close', 'Upgrade: websocket'];
    const { status, head: answered } = await exchange(api.url, [...lines, ...upgrade]);
    expect(status).toBe(200);
    expect(answered.toLowerCase()).not.toContain('upgrade');
    // A watch over WebSocket ends at once, and clients go on with a plain one.
    const line = `GET ${PATH}?watch=true HTTP/1.1`;
    const watch = await exchange(api.url, [line, 'Host: localhost', ...upgrade]);
    expect([watch.status, watch.body.replace(/[0\r\n]/g, '')]).toEqual([200, '']);
    const { status: tunnel } = await exchange(api.url, [
      'CONNECT 127.0.0.1:22 HTTP/1.1',
      'Host: localhost',
    ]);
    expect([0, 400, 404, 405]).toContain(tunnel);
  });

  it(
    'T04 sends a body drop by drop: it is cut off in the end, and others are served meanwhile',
    { timeout: 60_000 },
    async () => {
      const connection = await RawConnection.open(api.url);
      connection.write(postHead(1_000));
      const drops = setInterval(() => {
        connection.write(' ');
      }, 250);
      try {
        expect((await api.get(`${PATH}?limit=1`)).status).toBe(200);
        await connection.closed(45_000);
      } finally {
        clearInterval(drops);
      }
      expect(connection.received).toMatch(/^(HTTP\/1\.1 408|$)/);
    },
  );
});
