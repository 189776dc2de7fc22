import { HostGuard } from '@afflux/ingress';
import { describe, expect, it } from 'vitest';
import { ControlGuard } from './control-guard.ts';

const TOKEN = 'a-token-of-some-length';
const HOST = { host: 'localhost:8081' };
const callers = new HostGuard({ host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] });
const open = new ControlGuard({ callers, token: undefined });
const guarded = new ControlGuard({ callers, token: TOKEN });

describe('T09, T23 whoever a browser sends', () => {
  it.each([
    ['a host that is not ours', { host: 'evil.example' }],
    ['no host at all', {}],
    ['another origin', { ...HOST, origin: 'http://evil.example' }],
    ['a page without an origin', { ...HOST, origin: 'null' }],
    ['a page of another site that sends no origin', { ...HOST, 'sec-fetch-site': 'cross-site' }],
  ])('%s is forbidden, on probes too', (_what, headers) => {
    expect(open.refusalOf(headers, '/apis/*')).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(open.refusalOf(headers, '/healthz')).toMatchObject({ code: 403 });
  });

  it.each([
    ['a program', HOST],
    ['a page of this very port', { ...HOST, origin: 'http://localhost:8081' }],
    ['the address bar', { ...HOST, 'sec-fetch-site': 'none' }],
  ])('%s may', (_what, headers) => {
    expect(open.refusalOf(headers, '/apis/*')).toBeUndefined();
  });
});

describe('T26 where a token is needed', () => {
  it.each([
    ['none', {}],
    ['another one', { authorization: 'Bearer a-token-of-some-lengtx' }],
    ['a part of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['two', { authorization: `Bearer ${TOKEN} ${TOKEN}` }],
  ])('%s is not let in, on any route or none', (_what, headers) => {
    for (const route of ['/apis/*', '/metrics', undefined, '/healthz/x']) {
      expect(guarded.refusalOf({ ...HOST, ...headers }, route)).toMatchObject({ code: 401 });
    }
  });

  it('the token opens every route, and probes need none', () => {
    const headers = { ...HOST, authorization: `bearer ${TOKEN}` };
    expect(guarded.refusalOf(headers, '/apis/*')).toBeUndefined();
    expect(guarded.refusalOf(headers, undefined)).toBeUndefined();
    for (const route of ['/healthz', '/livez', '/readyz']) {
      expect(guarded.refusalOf(HOST, route)).toBeUndefined();
    }
  });
});
