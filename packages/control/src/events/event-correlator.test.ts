import { describe, expect, it } from 'vitest';
import { gadget } from '../testkit/kinds.ts';
import { makeEvent, type EventToRecord } from './core-event.ts';
import { EventCorrelator, type CorrelatorLimits } from './event-correlator.ts';

function makeWorld(limits: Partial<CorrelatorLimits> = {}) {
  const correlator = new EventCorrelator(limits);
  let names = 0;
  /** What is to be written: count, message and name; undefined when filtered. */
  const tell = (message: string, changes: Partial<EventToRecord> = {}, nowMs = 0) => {
    const object = gadget({ namespace: 'ns', name: 'a', uid: 'u' });
    const told = { object, type: 'Warning', reason: 'Bad', message, ...changes } as const;
    const event = makeEvent(
      { ...told, component: changes.component ?? 'c' },
      `n${String((names += 1))}`,
      nowMs,
    );
    const written = correlator.correlate(event, nowMs)?.event;
    return written && `${written.metadata.name} ×${String(written.count)} ${written.message}`;
  };
  return { correlator, tell };
}

describe('EventCorrelator', () => {
  it('counts up an Event that differs in nothing', () => {
    const { tell } = makeWorld();
    expect([tell('no'), tell('no'), tell('no')]).toEqual(['n1 ×1 no', 'n1 ×2 no', 'n1 ×3 no']);
  });

  it('keeps the first time of what it counts up', () => {
    const { correlator } = makeWorld();
    const object = gadget({ namespace: 'ns', name: 'a' });
    const told = { object, type: 'Normal', reason: 'Ok', message: '', component: 'c' } as const;
    correlator.correlate(makeEvent(told, 'x', 0), 0);
    const second = correlator.correlate(makeEvent(told, 'y', 5_000), 5_000);
    expect(second?.event).toMatchObject({
      firstTimestamp: '1970-01-01T00:00:00Z',
      lastTimestamp: '1970-01-01T00:00:05Z',
    });
  });

  it.each([
    ['message', 'other', {}],
    ['reason', 'no', { reason: 'Worse' }],
    ['type', 'no', { type: 'Normal' }],
    ['source', 'no', { component: 'd' }],
    ['object', 'no', { object: gadget({ namespace: 'ns', name: 'b', uid: 'v' }) }],
    ['uid of the object', 'no', { object: gadget({ namespace: 'ns', name: 'a', uid: 'v' }) }],
  ] as const)('makes a new Event for another %s', (_, message, changes) => {
    const { tell } = makeWorld();
    tell('no');
    expect(tell(message, changes)).toBe(`n2 ×1 ${message}`);
  });

  it('counts up although the object has another version by now', () => {
    const { tell } = makeWorld();
    tell('no');
    const object = gadget({ namespace: 'ns', name: 'a', uid: 'u', resourceVersion: '8' });
    expect(tell('no', { object })).toBe('n1 ×2 no');
  });

  it('combines from the tenth message within ten minutes on', () => {
    const { tell } = makeWorld();
    const written = Array.from({ length: 12 }, (_, index) => tell(`no ${String(index + 1)}`));
    expect(written.slice(8)).toEqual([
      'n9 ×1 no 9',
      'n10 ×1 (combined from similar events): no 10',
      'n10 ×2 (combined from similar events): no 11',
      'n10 ×3 (combined from similar events): no 12',
    ]);
  });

  it('does not combine what comes after more than ten minutes of quiet', () => {
    const { tell } = makeWorld();
    for (let index = 1; index <= 10; index += 1) tell(`no ${String(index)}`);
    expect(tell('no 11', {}, 600_000)).toMatch(/^n10 ×2 \(combined/);
    expect(tell('no 12', {}, 1_200_001)).toBe('n12 ×1 no 12');
  });

  it('cuts a combined message to 1024 bytes, the prefix included', () => {
    const { tell } = makeWorld({ similarMax: 1 });
    const written = tell('x'.repeat(2_000)) ?? '';
    expect(written.length - 'n1 ×1 '.length).toBe(1_024);
  });

  it('lets 25 of one source and object through, then one every five minutes', () => {
    const { tell } = makeWorld();
    const written = Array.from({ length: 26 }, (_, index) =>
      tell('no', { reason: `Bad${String(index)}` }),
    );
    expect(written.filter((event) => event !== undefined)).toHaveLength(25);
    expect(written[25]).toBeUndefined();
    expect(tell('no', { reason: 'Next' }, 299_999)).toBeUndefined();
    expect(tell('no', { reason: 'Next' }, 300_000)).toBe('n27 ×2 no');
    expect(tell('no', { reason: 'Last' }, 300_000)).toBeUndefined();
  });

  it('counts what it does not let through', () => {
    const { tell } = makeWorld({ burst: 1 });
    expect([tell('no'), tell('no'), tell('no')]).toEqual(['n1 ×1 no', undefined, undefined]);
    expect(tell('no', {}, 300_000)).toBe('n1 ×4 no');
  });

  it('lets other objects and sources through meanwhile', () => {
    const { tell } = makeWorld({ burst: 1 });
    tell('no');
    expect(tell('yes')).toBeUndefined();
    expect(tell('no', { component: 'd' })).toBe('n3 ×1 no');
    expect(tell('no', { object: gadget({ namespace: 'ns', name: 'b' }) })).toBe('n4 ×1 no');
  });

  it('forgets what it has not seen for the longest time', () => {
    const { tell } = makeWorld({ remembered: 2 });
    tell('a', { reason: 'A' });
    tell('b', { reason: 'B' });
    tell('c', { reason: 'C' });
    expect(tell('c', { reason: 'C' })).toBe('n3 ×2 c');
    expect(tell('a', { reason: 'A' })).toBe('n5 ×1 a');
  });
});
