import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it } from 'vitest';
import { ListPages } from './list-pages.ts';

const LIST = {
  resourceVersion: '7',
  items: ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
  })),
};

function pagesOf(clock = new FakeClock()) {
  let count = 0;
  return new ListPages({ clock, newId: () => `id-${String((count += 1))}` });
}

describe('a list in pages', () => {
  it('is one page where it fits', () => {
    expect(pagesOf().first('x', LIST, 5)).toBe(LIST);
    expect(pagesOf().first('x', LIST, undefined)).toBe(LIST);
  });

  it('goes on with a token, as often as is asked', () => {
    const pages = pagesOf();
    const { items, continueToken = '', remainingItemCount } = pages.first('x', LIST, 2);
    expect([items.length, remainingItemCount]).toEqual([2, 3]);
    for (const limit of [2, 1, undefined]) {
      const next = pages.next('x', continueToken, limit);
      expect(next.items[0]).toBe(LIST.items[2]);
      expect(next.resourceVersion).toBe('7');
      expect(next.continueToken === undefined).toBe(limit === undefined);
    }
  });

  it('is gone after five minutes, for another question, and when others took its place', async () => {
    const clock = new FakeClock();
    const pages = pagesOf(clock);
    const { continueToken = '' } = pages.first('x', LIST, 2);
    const expired = expect.objectContaining({ reason: 'Expired', status: 410 }) as Error;
    expect(() => pages.next('y', continueToken, 2)).toThrow(expired);
    for (let count = 0; count < 255; count += 1) pages.first('x', LIST, 2);
    expect(pages.next('x', continueToken, 2).items).toHaveLength(2);
    pages.first('x', LIST, 2);
    expect(() => pages.next('x', continueToken, 2)).toThrow(expired);
    const { continueToken: later = '' } = pages.first('x', LIST, 2);
    await clock.advance(300_000);
    expect(() => pages.next('x', later, 2)).toThrow(expired);
  });

  it('is refused with what is no token', () => {
    for (const token of ['abc', '', Buffer.from('x.y').toString('base64url')]) {
      const refused = expect.objectContaining({ reason: 'BadRequest' }) as Error;
      expect(() => pagesOf().next('x', token, 2)).toThrow(refused);
    }
  });
});
