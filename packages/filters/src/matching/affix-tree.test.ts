import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { plainReader } from '../attribute.ts';
import { ComparePredicate } from '../predicate.ts';
import { eventWith } from '../testing.ts';
import { AffixTree } from './affix-tree.ts';
import type { AffixSide } from './affix-tree.ts';
import { Group } from './group.ts';

const event = eventWith();

/** A group that gives its own affix, found by it alone. */
function groupFor(affix: string, side: AffixSide): Group<string> {
  const predicate = new ComparePredicate(side, plainReader('type'), affix, '');
  const group = new Group<string>(predicate, { keys: [predicate], residual: undefined, cost: 1 });
  group.add(affix, affix);
  return group;
}

function found(tree: AffixTree<string>, text: string): string[] {
  const out: string[] = [];
  tree.offer(text, event, 1, out);
  return out.sort();
}

describe.each<AffixSide>(['prefix', 'suffix'])('a tree of each %s', (side) => {
  const affix = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), minLength: 1, maxLength: 6 });

  const affixesAndOrder = fc
    .uniqueArray(affix)
    .chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );

  test.prop([affixesAndOrder, fc.array(affix)], { numRuns: 200 })(
    'finds what startsWith or endsWith finds, also after removals',
    ([all, order], asked) => {
      const tree = new AffixTree<string>(side);
      const groups = new Map(all.map((text) => [text, groupFor(text, side)]));
      const expected = (text: string): string[] =>
        [...groups.keys()]
          .filter((each) => (side === 'prefix' ? text.startsWith(each) : text.endsWith(each)))
          .sort();
      const check = (): void => {
        for (const text of ['', ...asked, ...all]) {
          expect(found(tree, text)).toEqual(expected(text));
          expect(tree.sizeAt(text)).toBe(groups.has(text) ? 1 : 0);
        }
      };

      for (const [text, group] of groups) tree.add(text, group);
      check();
      for (const text of order) {
        const group = groups.get(text) ?? groupFor(text, side);
        tree.remove(text, group);
        groups.delete(text);
        check();
      }
      expect(tree.isEmpty).toBe(true);
    },
  );

  it('keeps several groups of one affix apart', () => {
    const tree = new AffixTree<string>(side);
    const [one, two] = [groupFor('ab', side), groupFor('ab', side)];
    tree.add('ab', one);
    tree.add('ab', two);
    expect(tree.sizeAt('ab')).toBe(2);
    tree.remove('ab', one);
    expect(found(tree, 'ab')).toEqual(['ab']);
    tree.remove('ab', one);
    expect(found(tree, 'ab')).toEqual(['ab']);
  });
});
