import { makeEvent } from '@afflux/events';
import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { HOP_LIMIT_DEFAULT, nextTtl, readTtl, TTL_ATTRIBUTE } from './hop-limit.ts';

function eventWith(ttl: string | number | undefined) {
  return makeEvent({
    id: '1',
    source: '/s',
    type: 't',
    ...(ttl === undefined ? {} : { extensions: { [TTL_ATTRIBUTE]: ttl } }),
  });
}

it.each([
  [undefined, 255],
  ['nonsense', 255],
  ['1.5', 255],
  ['', 255],
  [10, 9],
  ['10', 9],
  ['2', 1],
  ['1', 0],
  ['0', 0],
  ['-5', 0],
  ['99999', 255],
])('T17 an event that says %j enters with %i', (ttl, expected) => {
  expect(nextTtl(eventWith(ttl), HOP_LIMIT_DEFAULT)).toBe(expected);
});

test.prop([fc.integer({ min: -5, max: 400 })])(
  'T17 the count falls with every entry and never rises above the limit',
  (start) => {
    let event = eventWith(start);
    let hops = 0;
    for (
      let ttl = nextTtl(event, HOP_LIMIT_DEFAULT);
      ttl > 0;
      ttl = nextTtl(event, HOP_LIMIT_DEFAULT)
    ) {
      expect(ttl).toBeLessThan(Math.max(1, Math.min(readTtl(event) ?? Infinity, 256)));
      event = event.with({ [TTL_ATTRIBUTE]: ttl });
      hops += 1;
    }
    expect(hops).toBeLessThanOrEqual(HOP_LIMIT_DEFAULT);
  },
);
