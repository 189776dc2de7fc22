import type { Outcome, SendRequest } from '@afflux/delivery';
import { makeEvent } from '@afflux/events';
import { RouteTable, type EventRoute } from '@afflux/ingress';
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { expect, it, vi } from 'vitest';
import { localDelivery } from './local-delivery.ts';

const ORIGIN = 'http://localhost:8080';
const SENT_OUT: Outcome = { kind: 'success', status: 204, durationMs: 9 };

function request(url: string, more: Partial<SendRequest> = {}): SendRequest {
  const event = makeEvent({ id: '1', source: '/s', type: 't', extensions: { hops: 7 } });
  return { event, target: { url }, timeoutMs: 1000, wantsReply: true, ...more };
}

function start(accept: EventRoute['accept'] = () => undefined) {
  const routes = new RouteTable();
  routes.setPath('/default/main', { namespace: 'default', path: '/default/main', accept });
  const send = vi.fn(() => Promise.resolve(SENT_OUT));
  const sender = localDelivery({
    sender: { send },
    routes,
    origins: () => [ORIGIN],
    clock: new FakeClock(),
  });
  return { sender, send };
}

it('an event for a broker of this process is taken by its route, not sent', async () => {
  const accept = vi.fn<EventRoute['accept']>(() => undefined);
  const { sender, send } = start(accept);
  const sending = request(`${ORIGIN}/default/main`, {
    passthrough: ['x-request-id', 'r'],
    trace: { traceparent: 't' },
  });
  expect(await sender.send(sending, {})).toMatchObject({ kind: 'success', status: 202 });
  expect(send).not.toHaveBeenCalled();
  expect(accept).toHaveBeenCalledExactlyOnceWith([sending.event], {
    passthrough: ['x-request-id', 'r'],
    trace: { traceparent: 't' },
  });
});

it('T17 the hop count that subscribers do not get goes along to a broker here', async () => {
  const accept = vi.fn<EventRoute['accept']>(() => undefined);
  const { sender } = start(accept);
  await sender.send(request(`${ORIGIN}/default/main`, { omitAttribute: 'hops' }), {});
  expect(accept.mock.calls[0]?.[0][0]?.get('hops')).toBe(7);
});

it('waits until the route has taken the event', async () => {
  let take = (): void => undefined;
  const { sender } = start(() => new Promise<void>((resolve) => (take = resolve)));
  let outcome: Outcome | undefined;
  const sending = sender.send(request(`${ORIGIN}/default/main`), {}).then((result) => {
    outcome = result;
  });
  await Promise.resolve();
  expect(outcome).toBeUndefined();
  take();
  await sending;
  expect(outcome).toMatchObject({ kind: 'success' });
});

it.each([
  ['a path that nothing serves', `${ORIGIN}/default/other`],
  ['another port that begins alike', `${ORIGIN}0/default/main`],
  ['another host', 'http://example.com/default/main'],
  ['another scheme', 'https://localhost:8080/default/main'],
  ['the bare origin', ORIGIN],
])('%s goes over the network', async (_what, url) => {
  const { sender, send } = start(() => {
    throw new Error('must not be asked');
  });
  const sending = request(url);
  expect(await sender.send(sending, {})).toBe(SENT_OUT);
  expect(send).toHaveBeenCalledExactlyOnceWith(sending, {});
});

it.each<[string, Omit<AffluxErrorOptions, 'code'> & { code?: string }, object]>([
  [
    'a full channel',
    { retryable: true, details: { retryAfterMs: 1500 } },
    { status: 429, retryable: true, retryAfterMs: 1500 },
  ],
  [
    'a status of its own',
    { fault: 'user', details: { status: 422 } },
    { status: 422, retryable: false },
  ],
  [
    'an event that never fits',
    { fault: 'user', code: 'X_TOO_LARGE' },
    { status: 413, retryable: false },
  ],
  ['a mistake of the sender', { fault: 'user' }, { status: 400, retryable: false }],
  ['a channel that is closed', { retryable: true }, { status: 503, retryable: true }],
  ['an inner failure', {}, { status: 500, retryable: true }],
])('%s is the failure that the listener would have answered', async (_what, options, expected) => {
  const refusal = new AffluxError('no', { code: 'X', ...options });
  for (const accept of [
    () => Promise.reject(refusal),
    () => {
      throw refusal;
    },
  ]) {
    const outcome = await start(accept).sender.send(request(`${ORIGIN}/default/main`), {});
    expect(outcome).toMatchObject({
      kind: 'failure',
      reason: 'status',
      message: 'no',
      ...expected,
    });
    expect(outcome).toHaveProperty('retryAfterMs' in expected ? 'retryAfterMs' : 'status');
  }
});
