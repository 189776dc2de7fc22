import { describe, expect, test } from 'vitest';
import { subscriberId, subscriberName, subscriptionOf } from './subscriber.ts';

describe('a subscriber is known', () => {
  test.each([
    [{ name: 'a', uid: 'u-1', subscriberUri: 'http://x' }, 'shop/a'],
    [{ name: 'crm/a', uid: 'u-1' }, 'crm/a'],
    [{ uid: 'u-1', subscriberUri: 'http://x' }, 'uid:u-1'],
    [{ name: '', uid: '', subscriberUri: 'http://x' }, 'to:http://x>'],
    [{ replyUri: 'http://y' }, 'to:>http://y'],
  ])('%j as %s', (entry, id) => {
    expect(subscriberId(entry, 'shop')).toBe(id);
  });

  test('by the same id when its object was made anew', () => {
    const first = subscriberId({ name: 'a', uid: 'u-1' }, 'shop');
    expect(subscriberId({ name: 'a', uid: 'u-2' }, 'shop')).toBe(first);
  });
});

test.each([
  [{ namespace: 'shop', name: 'a' }, 'a'],
  [{ namespace: 'crm', name: 'a' }, 'crm/a'],
])('the entry of %j leads back to it', (key, name) => {
  expect(subscriberName(key, 'shop')).toBe(name);
  expect(subscriptionOf({ name }, 'shop')).toEqual(key);
});

test('an entry without a name leads to no Subscription', () => {
  expect(subscriptionOf({ uid: 'u-1' }, 'shop')).toBeUndefined();
});
