/** Who may call the API, and what it gives away: T09, T13, T20, T23, T26, T30. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDev } from '../process/command.ts';
import { ApiClient, configMap, configMaps, makeNamespace, startLaptop } from './api-client.ts';
import { exchange, RawConnection } from './raw-http.ts';

const PATH = configMaps('default');

describe('T09, T23 a browser that was sent here', () => {
  it.each([
    'evil.example',
    'evil.example:8081',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
    '',
  ])('T09 a name that is not ours is forbidden: Host "%s"', async (host) => {
    const { api } = await startLaptop();
    for (const path of ['/api', PATH, '/apis', '/openapi/v2', '/version', '/metrics', '/none']) {
      const answer = await exchange(api.url, [
        `GET ${path} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: close',
      ]);
      expect([400, 403], path).toContain(answer.status);
      expect(answer.body, path).not.toContain('configmaps');
    }
  });

  it('T09 names of this machine are ours', async () => {
    const { api } = await startLaptop();
    const { port } = new URL(api.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, 'LOCALHOST', `[::1]:${port}`]) {
      const lines = ['GET /version HTTP/1.1', `Host: ${host}`, 'Connection: close'];
      expect((await exchange(api.url, lines)).status, host).toBe(200);
    }
  });

  it('T23 another origin writes nothing, whatever it says of its body', async () => {
    const { api } = await startLaptop();
    const body = JSON.stringify(configMap('from-a-page'));
    const origins = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://localhost.evil.example` },
      { origin: 'http://localhost:1' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ];
    // What a page may send without asking first.
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''];
    for (const headers of origins) {
      for (const type of types) {
        const answer = await api.call('POST', PATH, body, {
          headers: { ...headers, ...(type === '' ? {} : { 'content-type': type }) },
        });
        expect(answer.body).toMatchObject({ kind: 'Status', code: 403, reason: 'Forbidden' });
      }
      const asked = await api.call('OPTIONS', PATH, undefined, {
        headers: { ...headers, 'access-control-request-method': 'POST' },
      });
      expect(asked.status).toBe(403);
      expect(Object.keys(asked.headers)).not.toContain('access-control-allow-origin');
      for (const path of [PATH, `${PATH}?watch=true`]) {
        expect((await api.get(path, { headers })).status).toBe(403);
      }
    }
    expect((await api.get(`${PATH}/from-a-page`)).status).toBe(404);
  });

  it('T09 nobody is told that other origins may read', async () => {
    const { api } = await startLaptop();
    for (const path of ['/api', PATH, '/version', '/openapi/v2']) {
      const { headers } = await api.get(path);
      const cors = Object.keys(headers).filter((name) => name.startsWith('access-control'));
      expect(cors, path).toEqual([]);
    }
  });

  it('T23 a form that a page may send is no object', async () => {
    const { api } = await startLaptop();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const headers = { 'content-type': type };
      const { status } = await api.call('POST', PATH, JSON.stringify(configMap('x')), { headers });
      expect(status, type).toBe(415);
    }
  });
});

describe('T13 markup', () => {
  it('is never shown as markup: answers are JSON that nobody sniffs', async () => {
    const { api } = await startLaptop();
    const evil = '<script>alert(1)</script>';
    const encoded = encodeURIComponent(evil);
    const answers = await Promise.all([
      api.get(`${PATH}/${encoded}`),
      api.get(`/api/v1/${encoded}`),
      api.get(`/${encoded}`),
      api.get(`${PATH}?labelSelector=${encoded}`),
      api.get(`${PATH}?continue=${encoded}`),
      api.get(`${PATH}?watch=true&resourceVersion=${encoded}`),
      api.post(PATH, configMap(evil)),
      api.post(PATH, evil),
      api.post(PATH, configMap('fine', { evil })),
      api.get(`${PATH}/fine`),
      api.get(`${PATH}/fine`, { headers: { accept: 'text/html,application/xhtml+xml,*/*' } }),
      api.get('/none'),
      api.call('POST', PATH, evil, { headers: { 'content-type': 'text/html' } }),
    ]);
    for (const { headers, text } of answers) {
      expect(headers['content-type'], text).toMatch(/^application\/json/);
      expect(headers['x-content-type-options'], text).toBe('nosniff');
    }
    expect(answers.map(({ status }) => status)).toEqual([
      404, 404, 404, 400, 400, 400, 422, 400, 201, 200, 200, 404, 415,
    ]);
  });
});

describe('T20 debug endpoints', () => {
  it('are not there, on either port', async () => {
    const { api, afflux } = await startLaptop();
    const events = new ApiClient(afflux.url);
    onTestFinished(() => events.close());
    for (const path of [
      '/debug/pprof',
      '/debug/pprof/profile',
      '/debug/flags/v',
      '/json',
      '/json/version',
      '/json/list',
      '/inspector',
      '/heapdump',
      '/logs',
      '/configz',
      '/statusz',
      '/flagz',
      '/.env',
    ]) {
      for (const client of [api, events]) {
        // The port for events takes nothing but POST.
        expect([403, 404, 405], path).toContain((await client.get(path)).status);
      }
    }
  });
});

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean }[];
}

/** Every path that discovery speaks of, with and without names. */
async function discoveredPaths(api: ApiClient): Promise<string[]> {
  const { body: groups } = await api.get<{
    groups: { versions: { groupVersion: string }[] }[];
  }>('/apis');
  const versions = groups.groups.flatMap((group) => group.versions);
  const roots = ['/api/v1', ...versions.map(({ groupVersion }) => `/apis/${groupVersion}`)];
  const paths = [...roots];
  for (const root of roots) {
    const { resources } = (await api.get<ResourceList>(root)).body;
    for (const { name, namespaced } of resources) {
      const [plural = '', ...sub] = name.split('/');
      const place = namespaced ? `${root}/namespaces/default/${plural}` : `${root}/${plural}`;
      if (sub.length === 0) paths.push(`${root}/${plural}`, place);
      paths.push([place, 'some-name', ...sub].join('/'));
    }
  }
  return [...new Set(paths)];
}

const OTHER_PATHS = [
  '/',
  '/api',
  '/api/',
  '/apis',
  '/version',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/api/v1',
  '/metrics',
  '/none',
  '/apis/none/v1/things',
  '/api/v1/namespaces/default/configmaps?watch=true',
];

const ODD_PATHS = [
  '/api/v1/../v1/secrets',
  '/api/v1/namespaces/../secrets',
  '/healthz/../api/v1/secrets',
  '/healthz/..;/api/v1/secrets',
  '/healthz%2f..%2fapi/v1/secrets',
  '/healthz/%2e%2e/api/v1/secrets',
  '/healthz;/api/v1/secrets',
  '/readyz//api/v1/secrets',
  '//api/v1/secrets',
  '///apis',
  '//apis',
  '/./api/v1/secrets',
  '/API/v1/secrets',
  '/api//v1/secrets',
  '/api/v1/secrets/',
  '/api/v1/secrets%00',
  '/api/v1/%00',
  '/api/v1/secrets%',
  '/api/v1/secrets%zz',
  '/api/v1/%73ecrets',
  '/%61pi/v1/secrets',
  '/api%2fv1%2fsecrets',
  '/api\\v1\\secrets',
  `/api/v1/${'n'.repeat(1_000)}`,
  `/${'n'.repeat(10_000)}`,
  'http://localhost/api/v1/secrets',
  'http://evil.example/api/v1/secrets',
  '*',
  'api/v1/secrets',
];

describe('T26 where a token is needed', () => {
  it('every route that discovery knows, and every one that it does not, asks for it, by every method', async () => {
    const { api, afflux } = await startLaptop({ host: '0.0.0.0' });
    expect(afflux.controlToken?.token.length).toBeGreaterThanOrEqual(40);
    const paths = [...(await discoveredPaths(api)), ...OTHER_PATHS];
    expect(paths.length).toBeGreaterThan(50);
    const stranger = new ApiClient(api.url);
    onTestFinished(() => stranger.close());
    const open: string[] = [];
    for (const path of paths) {
      for (const method of METHODS) {
        const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{}' : undefined;
        const { status, text, headers } = await stranger.call(method, path, body);
        const isShut =
          status === 401 &&
          headers['www-authenticate'] === 'Bearer' &&
          (method === 'HEAD' || text.includes('"reason":"Unauthorized"'));
        if (!isShut) open.push(`${method} ${path}: ${String(status)}`);
      }
    }
    expect(open).toEqual([]);
    process.stdout.write(
      `T26: ${String(paths.length)} paths × ${String(METHODS.length)} methods\n`,
    );
  });

  it('no odd path leads around it, and none upsets the server', async () => {
    const { api, afflux } = await startLaptop({ host: '0.0.0.0' });
    await api.post('/api/v1/namespaces/default/secrets', {
      metadata: { name: 'hidden' },
      stringData: { canary: 'canary' },
    });
    const { token = '' } = afflux.controlToken ?? {};
    for (const path of ODD_PATHS) {
      const lines = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
      const strange = await exchange(api.url, lines);
      expect([400, 401, 404, 414, 431], path).toContain(strange.status);
      expect(strange.head + strange.body, path).not.toContain('hidden');
      const known = await exchange(api.url, [...lines, `Authorization: Bearer ${token}`]);
      // Nothing is found twice under two names that a proxy would take for different ones, but for a slash at the end.
      const isPlain = path === '/api/v1/secrets/';
      const isEncoded = path.includes('%73') || path.includes('%61');
      if (!isPlain && !isEncoded) {
        expect(known.status, path).toBeGreaterThanOrEqual(400);
        expect(known.status, path).toBeLessThan(500);
      }
    }
    expect((await api.get('/api/v1/secrets')).text).toContain('hidden');
  });

  it('a token is not taken from the query, a cookie, or a name and password', async () => {
    const { api, afflux } = await startLaptop({ host: '0.0.0.0' });
    const { token = '' } = afflux.controlToken ?? {};
    const stranger = new ApiClient(api.url);
    onTestFinished(() => stranger.close());
    const basic = Buffer.from(`admin:${token}`).toString('base64');
    const tries: [string, Record<string, string>][] = [
      [`/api?access_token=${token}`, {}],
      [`/api?token=${token}`, {}],
      ['/api', { cookie: `token=${token}` }],
      ['/api', { authorization: token }],
      ['/api', { authorization: `Basic ${basic}` }],
      ['/api', { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' }],
      ['/api', { 'impersonate-user': 'admin' }],
    ];
    for (const [path, headers] of tries) {
      expect((await stranger.get(path, { headers })).status, path).toBe(401);
    }
  });

  it('T03 a stranger with a large body hears 401 before it is sent', async () => {
    const { api } = await startLaptop({ host: '0.0.0.0' });
    const connection = await RawConnection.open(api.url);
    connection.write(
      [
        `POST ${PATH} HTTP/1.1`,
        'Host: localhost',
        'Content-Type: application/json',
        'Content-Length: 3000000',
        '',
        '{',
      ].join('\r\n'),
    );
    expect((await connection.answer()).status).toBe(401);
  });

  it('is the same in the next life of a data directory, and only its owner can read it there', async () => {
    const data = await mkdtemp(join(tmpdir(), 'afflux-api-token-'));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const first = await startLaptop({ host: '0.0.0.0', dataDir: data });
    const token = first.afflux.controlToken?.token ?? '';
    await first.stop();
    const second = await startLaptop({ host: '0.0.0.0', dataDir: data });
    expect(second.afflux.controlToken).toMatchObject({ token, isNew: false });
    expect((await second.api.get('/api')).status).toBe(200);
    expect((await readFile(join(data, 'token'), 'utf8')).trim()).toBe(token);
  });
});

describe('T30 canary secret', () => {
  it('T30 comes out of its Secret alone: not of lists of other kinds, tables, Events, errors, metrics or the log', async () => {
    const canary = 'canary-9d41e07b';
    const encoded = Buffer.from(canary).toString('base64');
    const cwd = await mkdtemp(join(tmpdir(), 'afflux-api-canary-'));
    onTestFinished(() => rm(cwd, { recursive: true, force: true }));
    await writeFile(join(cwd, 'afflux.yaml'), 'log: { level: debug, format: json }\n');
    const { process: server, controlUrl } = await startDev([], { cwd });
    const api = new ApiClient(controlUrl);
    onTestFinished(() => api.close());
    const namespace = await makeNamespace(api, 'canary');
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const metadata = { name: 'hidden' };
    const made = await api.post(secrets, {
      metadata,
      stringData: { password: canary },
      data: { token: encoded },
    });
    expect(made.status).toBe(201);
    expect((await api.get(`${secrets}/hidden`)).text).toContain(encoded);
    const answers = [
      // Mistakes in which a secret is what is wrong.
      await api.post(secrets, { metadata, stringData: { password: canary } }),
      await api.post(secrets, {
        metadata: { name: 'bad' },
        data: { token: `not base64: ${canary}` },
      }),
      await api.post(secrets, { metadata: { name: 'bad' }, stringData: { 'a key': canary } }),
      await api.post(secrets, { metadata: { name: 'bad' }, stringData: { a: { b: canary } } }),
      await api.put(`${secrets}/hidden`, {
        metadata: { ...metadata, resourceVersion: '1' },
        stringData: { password: canary },
      }),
      await api.patch('json', `${secrets}/hidden`, [
        { op: 'test', path: '/data/token', value: 'other' },
      ]),
      await api.get(secrets, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      }),
      await api.get(secrets, {
        headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
      }),
      await api.get(`/api/v1/namespaces/${namespace}/events`),
      await api.get('/api/v1/events'),
      await api.get('/metrics'),
      await api.get('/readyz'),
      await api.get('/healthz'),
      await api.get('/version'),
    ];
    expect(answers.slice(0, 6).map(({ status }) => status)).not.toContain(201);
    server.kill('SIGTERM');
    await server.exited;
    const everything = [...answers.map(({ text }) => text), server.output, server.errors];
    const found = everything
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.includes(canary) || line.includes(encoded));
    expect(found).toEqual([]);
  });
});
