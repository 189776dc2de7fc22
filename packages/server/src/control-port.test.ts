import { recordingLogger } from '@afflux/kernel/testing';
import { Health } from '@afflux/observability';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HostGuard } from '@afflux/ingress';
import { ControlGuard } from './control-guard.ts';
import { ControlPort, type ControlPortOptions } from './control-port.ts';

function makePort(options: Partial<ControlPortOptions> = {}) {
  const health = new Health();
  const logger = recordingLogger();
  const port = new ControlPort({
    host: '127.0.0.1',
    port: 0,
    logger,
    health,
    guard: () =>
      new ControlGuard({
        callers: new HostGuard({ host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] }),
        token: undefined,
      }),
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    ...options,
  });
  onTestFinished(() => port.close());
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${String(port.address.port)}${path}`, init);
  return { port, health, logger, call };
}

async function startPort(options: Partial<ControlPortOptions> = {}) {
  const made = makePort(options);
  await made.port.start();
  return made;
}

it('/healthz is 200 until something failed for good', async () => {
  const { health, call } = await startPort();
  health.set('listeners', 'starting');
  const alive = await call('/healthz');
  expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok', reasons: [] }]);
  health.set('store', 'failed', 'disk gone');
  const dead = await call('/healthz');
  expect([dead.status, await dead.json()]).toEqual([
    503,
    { status: 'failed', reasons: ['store: failed (disk gone)'] },
  ]);
});

it('/readyz is 503 with the reasons until every part is ready, and again while draining', async () => {
  const { health, call } = await startPort();
  health.set('manifests', 'starting', 'not reconciled yet');
  const waiting = await call('/readyz');
  expect([waiting.status, await waiting.json()]).toEqual([
    503,
    { status: 'not ready', reasons: ['manifests: starting (not reconciled yet)'] },
  ]);
  health.set('manifests', 'ready');
  expect((await call('/readyz')).status).toBe(200);
  health.set('manifests', 'draining');
  expect((await call('/readyz')).status).toBe(503);
});

it('/metrics gives the text with its type', async () => {
  const { call } = await startPort();
  const response = await call('/metrics');
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toBe('up 1\n');
});

it('metrics that cannot be read are a 500, and the next scrape is answered', async () => {
  let isBroken = true;
  const { call } = await startPort({
    metrics: () =>
      isBroken
        ? Promise.reject(new Error('no'))
        : Promise.resolve({ contentType: 'text/plain', body: 'up 1' }),
  });
  expect((await call('/metrics')).status).toBe(500);
  isBroken = false;
  expect((await call('/metrics')).status).toBe(200);
});

describe('T20 nothing else answers', () => {
  it.each([
    '/',
    '/debug',
    '/debug/pprof/',
    '/config',
    '/env',
    '/json/version',
    '/objects',
    '/metrics/x',
    '/..%2fetc/passwd',
    '/default/main',
  ])('GET %s is 404', async (path) => {
    const { call } = await startPort();
    expect((await call(path)).status).toBe(404);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s changes nothing anywhere', async (method) => {
    const { call } = await startPort();
    for (const path of ['/healthz', '/readyz', '/metrics', '/']) {
      expect((await call(path, { method })).status).toBe(404);
    }
  });

  it('listens on the address it was given and no other', async () => {
    const { port } = await startPort();
    expect(port.address.host).toBe('127.0.0.1');
  });
});

describe('the port', () => {
  it('that is taken is named, with what to do', async () => {
    const { port: first } = await startPort();
    const taken = first.address.port;
    const { port } = makePort({ port: taken });
    await expect(port.start()).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_LISTEN',
      fault: 'user',
      message: `port ${String(taken)} is taken: stop what uses it, or choose another with --control-port`,
    });
  });

  it('of an address that is not of this machine is named, too', async () => {
    const { port } = makePort({ host: '192.0.2.1' });
    await expect(port.start()).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_LISTEN',
      message: expect.stringContaining('cannot listen on 192.0.2.1:0') as string,
    });
  });

  it('is given back by close, also when nobody ever asked', async () => {
    const { port, call } = await startPort();
    const { port: number } = port.address;
    await port.close();
    await port.close();
    await expect(call('/healthz')).rejects.toThrow();
    const { port: next } = await startPort({ port: number });
    expect(next.address.port).toBe(number);
  });
});
