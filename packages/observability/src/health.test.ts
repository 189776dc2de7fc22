import { expect, test } from 'vitest';
import { Health } from './health.ts';

test('is alive but not ready before anybody has reported', () => {
  const health = new Health();
  expect(health.live()).toEqual({ ok: true, reasons: [] });
  expect(health.ready()).toEqual({ ok: false, reasons: ['nothing has reported yet'] });
});

test('is ready when every part is, and says which parts are not', () => {
  const health = new Health();
  health.set('listener', 'ready');
  health.set('controllers', 'starting');
  health.set('store', 'unready', 'no connection');
  expect(health.ready()).toEqual({
    ok: false,
    reasons: ['controllers: starting', 'store: unready (no connection)'],
  });
  health.set('controllers', 'ready');
  health.set('store', 'ready');
  expect(health.ready()).toEqual({ ok: true, reasons: [] });
});

test.each(['starting', 'unready', 'draining'] as const)(
  'a part that is %s is no reason to be killed',
  (state) => {
    const health = new Health();
    health.set('listener', state);
    expect([health.live().ok, health.ready().ok]).toEqual([true, false]);
  },
);

test('a part that failed for good makes the process count as dead', () => {
  const health = new Health();
  health.set('listener', 'ready');
  health.set('log', 'failed', 'disk is gone');
  const reasons = ['log: failed (disk is gone)'];
  expect(health.live()).toEqual({ ok: false, reasons });
  expect(health.ready()).toEqual({ ok: false, reasons });
});

test('a degraded part is named, and the process stays ready for what still works', () => {
  const health = new Health();
  health.set('channels', 'degraded', 'default/orders: disk full');
  expect(health.ready()).toEqual({
    ok: true,
    reasons: ['channels: degraded (default/orders: disk full)'],
  });
  expect(health.live()).toEqual({ ok: true, reasons: [] });
});
