import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { letterName, parseLetterName, subscriptionHash } from './letter-name.ts';

const REF = { kind: 'DurableChannel', namespace: 'default', name: 'main' };
const letterId = fc.stringMatching(/^[a-z0-9-]{1,63}$/);

test.prop([fc.string(), letterId, fc.string()])(
  'a name is a valid resource name and leads back to subscription and id',
  (subscription, id, owner) => {
    const name = letterName(
      REF,
      { subscription, id },
      { kind: 'Trigger', namespace: 'default', name: owner },
    );
    expect(name).toMatch(/^[a-z0-9][-a-z0-9.]*$/);
    expect(name.length).toBeLessThanOrEqual(253);
    expect(parseLetterName(name)).toEqual({ hash: subscriptionHash(REF, subscription), id });
  },
);

it.each(['', 'x', 'a-0123456789', '-0123456789.a', 'a-0123456789.A', 'a-012345678g.1', '../x'])(
  '%j is no such name',
  (name) => {
    expect(parseLetterName(name)).toBeUndefined();
  },
);

it('tells channels of one name and different kinds apart', () => {
  expect(subscriptionHash(REF, 's')).not.toBe(
    subscriptionHash({ ...REF, kind: 'KafkaChannel' }, 's'),
  );
});
