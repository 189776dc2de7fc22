import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { searchFor } from './text-search.ts';

const pieces = fc.array(fc.constantFrom('a', 'ab', 'aab', 'b', '😀'), { maxLength: 60 });
const text = pieces.map((all) => all.join(''));

/** Made from the text searched, so that long ones are found too. */
const wantedIn = (whole: string): fc.Arbitrary<string> =>
  fc.oneof(
    text,
    fc.tuple(fc.nat(whole.length), fc.nat(whole.length)).map(([from, to]) => whole.slice(from, to)),
  );

test.prop([text.chain((whole) => fc.tuple(fc.constant(whole), wantedIn(whole))), fc.nat(80)], {
  numRuns: 1500,
})('a search finds what indexOf finds', ([whole, wanted], from) => {
  const start = Math.min(from, whole.length);
  expect(searchFor(wanted)(whole, start)).toBe(whole.indexOf(wanted, start));
});
