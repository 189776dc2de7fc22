import { expect, test } from 'vitest';
import { DISPATCH_SECONDS_BOUNDS, noopLogger, noopMeter, noopTracer } from './telemetry.ts';

test('telemetry that goes nowhere takes every call', () => {
  const logger = noopLogger.child({ component: 'x' });
  for (const level of ['error', 'warn', 'info', 'debug'] as const) logger[level]({}, 'said');
  noopMeter.counter({ name: 'a_total', help: '' }).labels('x').add();
  noopMeter.histogram({ name: 'b', help: '' }).labels().record(1);
  const gauge = noopMeter.gauge({ name: 'c', help: '' }).labels();
  gauge.set(1);
  gauge.add(1);
  gauge.remove();
  const stop = noopMeter.observe({ name: 'd', help: '' }, () => expect.unreachable('nobody asks'));
  stop();
  const span = noopTracer.startSpan('x', { kind: 'internal' });
  span.setAttribute('a', 1);
  span.end(new Error('failed'));
  expect([noopTracer.enabled, span.context]).toEqual([false, undefined]);
});

test('the bounds of a histogram rise', () => {
  const sorted = [...DISPATCH_SECONDS_BOUNDS].sort((a, b) => a - b);
  expect(DISPATCH_SECONDS_BOUNDS).toEqual(sorted);
  expect(new Set(sorted).size).toBe(sorted.length);
});
