import type { InMemoryChannel } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import { address, memoryChannel, READY } from '../testing/objects.ts';
import { concernsFace, concernsFlow } from './child-changes.ts';

const PLAIN = memoryChannel('c');
const WITH_SUBSCRIBER = memoryChannel('c', { subscribers: [{ uid: 'a' }] });
const OTHER_SPEC = memoryChannel('c', { delivery: { retry: 1 } });

function withStatus(status: NonNullable<InMemoryChannel['status']>): InMemoryChannel {
  return memoryChannel('c', {}, { status });
}

describe.each([
  ['a flow', concernsFlow],
  ['a Channel', concernsFace],
])('what concerns %s', (_name, concerns) => {
  test.each([
    ['a child that is gone', { old: PLAIN }, true],
    ['a child that became ready', { old: PLAIN, new: withStatus({ conditions: [READY] }) }, true],
    ['a child with an address', { old: PLAIN, new: withStatus({ address: address('c') }) }, true],
    ['a spec that somebody changed', { old: PLAIN, new: OTHER_SPEC }, true],
    ['a child that was made', { new: PLAIN }, false],
    ['a child that came with a state', { new: withStatus({ conditions: [READY] }) }, true],
    ['entries of subscribers', { old: PLAIN, new: WITH_SUBSCRIBER }, false],
    [
      'nothing but a finalizer',
      { old: PLAIN, new: { ...PLAIN, metadata: { name: 'c', finalizers: ['x'] } } },
      false,
    ],
  ])('%s', (_what, change, expected) => {
    expect(concerns(change)).toBe(expected);
  });
});

test('the state of subscribers concerns a Channel, which shows it, and no flow', () => {
  const change = { old: PLAIN, new: withStatus({ subscribers: [{ uid: 'a', ready: 'True' }] }) };
  expect(concernsFace(change)).toBe(true);
  expect(concernsFlow(change)).toBe(false);
});
