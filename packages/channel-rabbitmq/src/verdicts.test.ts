import type { Selector } from '@afflux/channels';
import { makeEvent } from '@afflux/events';
import { expect, test } from 'vitest';
import { Verdicts } from './verdicts.ts';

const EVENT = makeEvent({ id: '1', source: '/own', type: 'own' });

/** One selector for all subscriptions, as an index over the triggers of a broker is; it grows as they come. */
function index(...ids: string[]): { readonly selector: Selector; readonly ids: string[] } {
  return {
    ids,
    selector: {
      select: (_event, out) => {
        out.push(...ids);
      },
    },
  };
}

test('what is asked on arrival says nothing of subscriptions that come later', () => {
  const { selector, ids } = index('one');
  const [one, two] = [
    { id: 'one', selector },
    { id: 'two', selector },
  ] as const;
  const verdicts = new Verdicts();
  verdicts.update([one]);
  expect(verdicts.wants(one, 'key', EVENT)).toBe(true);
  ids.push('two');
  verdicts.update([one, two]);
  expect(verdicts.wants(two, 'key', EVENT)).toBe(true);
  expect(verdicts.wants(one, 'key', EVENT)).toBe(true);
});
