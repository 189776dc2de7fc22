import { expect, test } from 'vitest';
import { recordingLogger, RecordingMeter } from './recording.ts';

test('keeps lines with the fields of the logger and its parents', () => {
  const logger = recordingLogger();
  const child = logger.child({ component: 'a' }).child({ name: 'b' });
  child.warn({ attempt: 1 }, 'retried');
  logger.info({}, 'started');
  expect(logger.lines).toEqual([
    { level: 'warn', message: 'retried', fields: { component: 'a', name: 'b', attempt: 1 } },
    { level: 'info', message: 'started', fields: {} },
  ]);
});

test('keeps values by instrument and label values', () => {
  const meter = new RecordingMeter();
  const sent = meter.counter({ name: 'sent_total', help: '', labels: ['to', 'by'] });
  sent.labels('a,b', 'c').add();
  sent.labels('a,b', 'c').add(2);
  sent.labels('a', 'b,c').add(7);
  expect(meter.sum('sent_total', 'a,b', 'c')).toBe(3);
  expect(meter.values('sent_total', 'a', 'b,c')).toEqual([7]);
  expect(meter.sum('sent_total', 'nobody', 'here')).toBe(0);
  meter.histogram({ name: 'wait_seconds', help: '' }).labels().record(0.5);
  expect(meter.values('wait_seconds')).toEqual([0.5]);
  expect([...meter.names]).toEqual(['sent_total', 'wait_seconds']);
});

test('a gauge is set, moved and removed', () => {
  const meter = new RecordingMeter();
  const depth = meter.gauge({ name: 'depth', help: '' }).labels();
  depth.set(5);
  depth.add(-2);
  expect(meter.sum('depth')).toBe(3);
  depth.remove();
  expect(meter.values('depth')).toEqual([]);
});

test('an observed gauge is read when asked, until its reader is removed', () => {
  const meter = new RecordingMeter();
  let value = 1;
  const stop = meter.observe({ name: 'age_seconds', help: '' }, () => [{ value, labels: [] }]);
  value = 2;
  expect(meter.observations('age_seconds')).toEqual([{ value: 2, labels: [] }]);
  stop();
  expect(meter.observations('age_seconds')).toEqual([]);
});

test('refuses what the real meter refuses', () => {
  const meter = new RecordingMeter();
  const counter = meter.counter({ name: 'a_total', help: '', labels: ['x'] });
  expect(() => meter.counter({ name: 'a_total', help: '', labels: ['y'] })).toThrow('other labels');
  expect(() => counter.labels('1', '2')).toThrow('a_total takes x');
  expect(() => {
    counter.labels('1').add(-1);
  }).toThrow('cannot go down');
});
