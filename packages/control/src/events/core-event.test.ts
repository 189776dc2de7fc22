import { builtinKinds, decode } from '@afflux/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gadget } from '../testkit/kinds.ts';
import { eventMessage, eventName, lastHeardOfMs, makeEvent } from './core-event.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 987);

describe('makeEvent', () => {
  it('makes the Event that client-go makes', () => {
    const object = gadget({ namespace: 'ns', name: 'a', uid: 'u', resourceVersion: '7' });
    const told = { object, type: 'Warning', reason: 'Bad', message: 'no', component: 'c' } as const;
    expect(makeEvent(told, 'a.1', NOW_MS)).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'a.1', namespace: 'ns' },
      involvedObject: {
        apiVersion: 'kit.afflux.dev/v1',
        kind: 'Gadget',
        namespace: 'ns',
        name: 'a',
        uid: 'u',
        resourceVersion: '7',
      },
      type: 'Warning',
      reason: 'Bad',
      message: 'no',
      source: { component: 'c' },
      reportingComponent: 'c',
      reportingInstance: '',
      count: 1,
      firstTimestamp: '2026-01-01T12:00:00Z',
      lastTimestamp: '2026-01-01T12:00:00Z',
    });
  });

  it('makes what the kind Event takes', () => {
    const object = gadget({ namespace: 'ns', name: 'a', uid: 'u', resourceVersion: '7' });
    const told = { object, type: 'Normal', reason: 'Ok', message: 'yes', component: 'c' } as const;
    const { errors } = decode(builtinKinds(), makeEvent(told, 'a.1', NOW_MS));
    expect(errors.toString()).toBe('');
  });

  it('puts an Event about a cluster-scoped object into the namespace default', () => {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'orders' } };
    const told = { object, type: 'Normal', reason: 'Ok', message: '', component: 'c' } as const;
    const event = makeEvent(told, 'orders.1', NOW_MS);
    expect(event.metadata.namespace).toBe('default');
    expect(event.involvedObject).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      name: 'orders',
    });
  });
});

describe('eventMessage', () => {
  it('is the beginning of the text, at most 1024 bytes, never half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (text) => {
        const message = eventMessage(`x${text}`);
        const bytes = Buffer.byteLength(message);
        const isWhole = `x${text}`.startsWith(message) || /:\/\//.test(text);
        return bytes <= 1024 && isWhole && (bytes > 1020 || message.length >= text.length);
      }),
    );
  });

  it('cuts before a character that does not fit', () => {
    expect(eventMessage(`${'a'.repeat(1022)}é`)).toBe(`${'a'.repeat(1022)}é`);
    expect(eventMessage(`${'a'.repeat(1023)}é`)).toBe('a'.repeat(1023));
    expect(eventMessage(`${'a'.repeat(1021)}😀`)).toBe('a'.repeat(1021));
  });

  it('T30 shows no credentials of addresses', () => {
    expect(eventMessage('connect amqp://me:secret@host:5672/v failed')).toBe(
      'connect amqp://***@host:5672/v failed',
    );
    expect(eventMessage('see https://host/a@b')).toBe('see https://host/a@b');
  });
});

describe('eventName', () => {
  it('is the name of the object and the time in hexadecimal', () => {
    expect(eventName('orders', 0x18a3n)).toBe('orders.18a3');
  });

  it('stays a valid name when that of the object is as long as names may be', () => {
    const objectName = `${'a'.repeat(235)}.${'b'.repeat(17)}`;
    const name = eventName(objectName, 2n ** 64n - 1n);
    expect(name.length).toBeLessThanOrEqual(253);
    expect(name).toBe(`${'a'.repeat(235)}.ffffffffffffffff`);
  });
});

describe('lastHeardOfMs', () => {
  const event = (fields: object) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', creationTimestamp: '2026-01-01T10:00:00Z' },
    ...fields,
  });

  it.each([
    ['nothing else', {}, 10],
    ['the last time', { lastTimestamp: '2026-01-01T11:00:00Z' }, 11],
    ['the time of the event', { eventTime: '2026-01-01T11:00:00.000001Z' }, 11],
    ['the time of a series', { series: { lastObservedTime: '2026-01-01T11:00:00.5Z' } }, 11],
    ['a time that has not come yet', { lastTimestamp: '2027-01-01T11:00:00Z' }, 10],
    ['no time at all', { lastTimestamp: 'yesterday', series: null, eventTime: null }, 10],
  ])('is the creation, or later by %s', (_, fields, hour) => {
    const ms = lastHeardOfMs(event(fields), NOW_MS);
    expect(new Date(ms).getUTCHours()).toBe(hour);
  });

  it('is never when the Event says nothing', () => {
    const bare = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' } };
    expect(lastHeardOfMs(bare, NOW_MS)).toBe(0);
  });
});
