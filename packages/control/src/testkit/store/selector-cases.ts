import { describe, expect, it } from 'vitest';
import type { GroupVersionKind, SelectorRequirement } from '../../store/resource-store.ts';
import { CONFIG_MAP, configMap, FORM, form, GADGET, gadget } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

/** Selecting by conditions on labels and on fields. */
export function selectorCases(bench: StoreBench): void {
  const names = async (
    kind: GroupVersionKind,
    options: Parameters<typeof bench.store.list>[1],
  ): Promise<string[]> => {
    const { items } = await bench.store.list(kind, options);
    return items.map(({ metadata }) => metadata.name);
  };

  describe('label selector with conditions', () => {
    const conditions: readonly (readonly [string, readonly SelectorRequirement[], string[]])[] = [
      ['In', [{ key: 'tier', operator: 'In', values: ['web', 'db'] }], ['db', 'web']],
      [
        'NotIn, also where the label is absent',
        [{ key: 'tier', operator: 'NotIn', values: ['web'] }],
        ['bare', 'db'],
      ],
      ['Exists', [{ key: 'tier', operator: 'Exists' }], ['db', 'web']],
      ['DoesNotExist', [{ key: 'tier', operator: 'DoesNotExist' }], ['bare']],
      ['no condition', [], ['bare', 'db', 'web']],
      [
        'all of several',
        [
          { key: 'tier', operator: 'Exists' },
          { key: 'tier', operator: 'NotIn', values: ['db'] },
        ],
        ['web'],
      ],
    ];
    it.each(conditions)('selects by %s', async (_what, labelSelector, expected) => {
      const namespace = await bench.namespace();
      await bench.create(gadget({ namespace, name: 'web', labels: { tier: 'web' } }));
      await bench.create(gadget({ namespace, name: 'db', labels: { tier: 'db' } }));
      await bench.create(gadget({ namespace, name: 'bare' }));
      expect(await names(GADGET, { namespace, labelSelector })).toEqual(expected);
    });

    it('shows on a watch what comes to match and what ceases to', async () => {
      const namespace = await bench.namespace();
      const labelSelector = [{ key: 'hidden', operator: 'DoesNotExist' }] as const;
      const watch = await bench.follow(GADGET, { namespace, labelSelector });
      const key = { namespace, name: 'a' };
      const hide = (hidden: string | null) =>
        bench.store.patch(GADGET, key, {
          type: 'merge',
          body: { metadata: { labels: { hidden } } },
        });
      await bench.create(gadget(key));
      await hide('yes');
      await hide(null);
      await watch.until((changes) => changes.length === 3);
      expect(watch.summary).toEqual(['ADDED a', 'DELETED a', 'ADDED a']);
      // It goes as it was last seen, at the version at which it went.
      const versions = watch.changes.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(watch.changes[1]?.object.metadata.labels ?? {}).toEqual({});
      expect(versions[1]).toBeGreaterThan(versions[0] ?? Infinity);
    });
  });

  describe('field selector', () => {
    it('selects any kind by name, by one name or by all but some', async () => {
      const namespace = await bench.namespace();
      for (const name of ['a', 'b', 'c']) await bench.create(configMap({ namespace, name }));
      const select = (...fieldSelector: SelectorRequirement[]) =>
        names(CONFIG_MAP, { namespace, fieldSelector });
      const key = 'metadata.name';
      expect(await select({ key, operator: 'In', values: ['b'] })).toEqual(['b']);
      expect(await select({ key, operator: 'NotIn', values: ['b'] })).toEqual(['a', 'c']);
      expect(await select({ key, operator: 'NotIn', values: ['a', 'b'] })).toEqual(['c']);
      expect(await select()).toEqual(['a', 'b', 'c']);
    });

    it('selects by namespace across all of them', async () => {
      const labels = { run: bench.unique('run') };
      const [here, there] = [await bench.namespace(), await bench.namespace()];
      await bench.create(gadget({ namespace: here, name: 'here', labels }));
      await bench.create(gadget({ namespace: there, name: 'there', labels }));
      const fieldSelector = [
        { key: 'metadata.namespace', operator: 'In', values: [there] },
      ] as const;
      expect(await names(GADGET, { labelSelector: labels, fieldSelector })).toEqual(['there']);
    });

    it('selects by a field that the kind offers; an absent one counts as empty', async () => {
      const namespace = await bench.namespace();
      await bench.create(form({ namespace, name: 'red' }, { colour: 'red' }));
      await bench.create(form({ namespace, name: 'odd' }, { colour: 'a,b=c\\d' }));
      await bench.create(form({ namespace, name: 'bare' }, {}));
      const select = (operator: 'In' | 'NotIn', ...values: string[]) =>
        names(FORM, { namespace, fieldSelector: [{ key: 'spec.colour', operator, values }] });
      expect(await select('In', 'red')).toEqual(['red']);
      expect(await select('NotIn', 'red')).toEqual(['bare', 'odd']);
      expect(await select('In', '')).toEqual(['bare']);
      expect(await select('In', 'a,b=c\\d')).toEqual(['odd']);
    });

    it('refuses a field that the kind does not offer with BadRequest', async () => {
      const namespace = await bench.namespace();
      const select = (kind: GroupVersionKind, key: string) =>
        names(kind, { namespace, fieldSelector: [{ key, operator: 'In', values: ['1'] }] });
      const refusal = { reason: 'BadRequest', status: 400 };
      await expect(select(FORM, 'spec.size')).rejects.toMatchObject(refusal);
      await expect(select(GADGET, 'spec.size')).rejects.toMatchObject(refusal);
      await expect(select(CONFIG_MAP, 'data.key')).rejects.toMatchObject(refusal);
    });

    it('refuses it on a watch, too', async () => {
      const namespace = await bench.namespace();
      const fieldSelector = [{ key: 'spec.size', operator: 'In', values: ['1'] }] as const;
      const watch = bench.watch(FORM, { namespace, fieldSelector });
      await watch.ended;
      expect(watch.error).toMatchObject({ reason: 'BadRequest' });
    });

    it('follows one object on a watch', async () => {
      const namespace = await bench.namespace();
      const fieldSelector = [{ key: 'metadata.name', operator: 'In', values: ['b'] }] as const;
      const watch = await bench.follow(GADGET, { namespace, fieldSelector });
      for (const name of ['a', 'b', 'c']) await bench.create(gadget({ namespace, name }));
      await bench.store.delete(GADGET, { namespace, name: 'a' });
      await bench.store.delete(GADGET, { namespace, name: 'b' });
      await watch.seen('DELETED', 'b');
      expect(watch.summary).toEqual(['ADDED b', 'DELETED b']);
    });

    it('shows on a watch what moves in and out as coming and going', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const fieldSelector = [{ key: 'spec.colour', operator: 'In', values: ['red'] }] as const;
      const watch = await bench.follow(FORM, { namespace, fieldSelector });
      const paint = (colour: string) =>
        bench.store.patch(FORM, key, { type: 'merge', body: { spec: { colour } } });
      await bench.create(form(key, { colour: 'blue' }));
      await paint('red');
      await paint('green');
      await watch.seen('DELETED', 'a');
      expect(watch.summary).toEqual(['ADDED a', 'DELETED a']);
    });
  });
}
