import type { SubscriberSpec, SubscriberStatus } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import type { Channelable } from '../model/channelable.ts';
import { memoryChannel } from '../testing/objects.ts';
import { concernedByChannelable } from './channel-changes.ts';

function channelWith(subscribers: SubscriberSpec[], status: SubscriberStatus[] = []): Channelable {
  return memoryChannel('orders', { subscribers }, { status: { subscribers: status } });
}

const A = { uid: 'a', subscriberUri: 'http://localhost:1' };
const B = { uid: 'b', subscriberUri: 'http://localhost:2' };
const C = { uid: 'c', subscriberUri: 'http://localhost:3' };

describe('whom the change of a channel concerns', () => {
  test.each([
    ['an entry that is new', [A], [A, B], ['b']],
    ['an entry that is gone', [A, B], [B], ['a']],
    ['an entry that changed', [A, B], [A, { ...B, generation: 2 }], ['b']],
    ['entries that only moved concern nobody', [A, B, C], [C, A, B], []],
    ['equal entries concern nobody', [A], [{ ...A }], []],
  ])('%s', (_name, before, after, uids) => {
    const concerned = concernedByChannelable({ old: channelWith(before), new: channelWith(after) });
    expect([...(concerned as Set<string>)]).toEqual(uids);
  });

  test('an entry of the status that changed', () => {
    const old = channelWith([A, B], [{ uid: 'a', ready: 'True' }]);
    const next = channelWith(
      [A, B],
      [
        { uid: 'a', ready: 'True' },
        { uid: 'b', ready: 'True' },
      ],
    );
    expect(concernedByChannelable({ old, new: next })).toEqual(new Set(['b']));
  });

  test.each([
    ['the channel is new', { new: channelWith([A]) }],
    ['the channel is gone', { old: channelWith([A]) }],
    [
      'its delivery changed',
      {
        old: memoryChannel('orders', { delivery: { retry: 1 } }),
        new: memoryChannel('orders', { delivery: { retry: 2 } }),
      },
    ],
    [
      'its dead letter sink was resolved',
      {
        old: memoryChannel('orders'),
        new: memoryChannel('orders', {}, { status: { deadLetterSinkUri: 'http://localhost:1' } }),
      },
    ],
  ])('all of them when %s', (_name, change) => {
    expect(concernedByChannelable(change)).toBe('all');
  });
});
