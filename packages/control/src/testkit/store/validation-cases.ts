import { describe, expect, it } from 'vitest';
import type { FieldValidation } from '../../store/resource-store.ts';
import { FORM, form } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

/** What becomes of fields that a closed schema does not know. */
export function validationCases(bench: StoreBench): void {
  const misspelt = { size: 1, colur: 'red', parts: [{ name: 'p', cuont: 2 }] };
  const unknown = ['unknown field "spec.colur"', 'unknown field "spec.parts[0].cuont"'];

  /** What is told to the author while `write` runs. */
  const warned = async (
    fieldValidation: FieldValidation,
    write: (options: {
      readonly fieldValidation: FieldValidation;
      readonly onWarning: (text: string) => void;
    }) => Promise<unknown>,
  ): Promise<string[]> => {
    const warnings: string[] = [];
    await write({ fieldValidation, onWarning: (text) => void warnings.push(text) });
    return warnings.sort();
  };

  describe('field validation', () => {
    it('Strict refuses unknown fields of a new object, names all of them and stores nothing', async () => {
      const namespace = await bench.namespace();
      const given = form({ namespace, name: 'a' }, misspelt);
      const created = bench.store.create(given, { fieldValidation: 'Strict' });
      await expect(created).rejects.toMatchObject({ reason: 'BadRequest', status: 400 });
      for (const text of unknown) await expect(created).rejects.toThrow(text);
      await expect(bench.store.get(FORM, given.metadata)).rejects.toMatchObject({
        reason: 'NotFound',
      });
    });

    it('Warn drops them and says so', async () => {
      const namespace = await bench.namespace();
      const given = form({ namespace, name: 'a' }, misspelt);
      const warnings = await warned('Warn', (options) => bench.store.create(given, options));
      expect(warnings).toEqual(unknown);
      expect((await bench.read(given)).spec).toEqual({ size: 1, parts: [{ name: 'p' }] });
    });

    it('Ignore drops them and says nothing', async () => {
      const namespace = await bench.namespace();
      const given = form({ namespace, name: 'a' }, misspelt);
      const warnings = await warned('Ignore', (options) => bench.store.create(given, options));
      expect(warnings).toEqual([]);
      expect((await bench.read(given)).spec).toEqual({ size: 1, parts: [{ name: 'p' }] });
    });

    it('says nothing about an object without unknown fields', async () => {
      const namespace = await bench.namespace();
      const given = form({ namespace, name: 'a' }, { size: 1, options: { any: 'name' } });
      const warnings = await warned('Warn', (options) => bench.store.create(given, options));
      expect(warnings).toEqual([]);
      expect((await bench.read(given)).spec).toEqual(given.spec);
    });

    it('holds for updates', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(form({ namespace, name: 'a' }, { size: 1 }));
      const changed = { ...object, spec: { size: 2, colur: 'red' } };
      await expect(
        bench.store.update(changed, { fieldValidation: 'Strict' }),
      ).rejects.toMatchObject({ reason: 'BadRequest' });
      const warnings = await warned('Warn', (options) => bench.store.update(changed, options));
      expect(warnings).toEqual(['unknown field "spec.colur"']);
      expect((await bench.read(object)).spec).toEqual({ size: 2 });
    });

    it('holds for the status', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(form({ namespace, name: 'a' }));
      const changed = { ...object, status: { phase: 'Ready', pahse: 'x' } };
      await expect(
        bench.store.updateStatus(changed, { fieldValidation: 'Strict' }),
      ).rejects.toMatchObject({ reason: 'BadRequest' });
      const warnings = await warned('Warn', (options) =>
        bench.store.updateStatus(changed, options),
      );
      expect(warnings).toEqual(['unknown field "status.pahse"']);
      expect((await bench.read(object)).status).toEqual({ phase: 'Ready' });
    });

    it('holds for patches', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(form({ namespace, name: 'a' }, { size: 1 }));
      const patch = { type: 'merge', body: { spec: { size: 2, colur: 'red' } } } as const;
      // kube-apiserver says Invalid here, and BadRequest where the whole object is sent.
      const strict = bench.store.patch(FORM, object.metadata, patch, { fieldValidation: 'Strict' });
      await expect(strict).rejects.toThrow('unknown field "spec.colur"');
      expect(await bench.read(object)).toEqual(object);
      const warnings = await warned('Warn', (options) =>
        bench.store.patch(FORM, object.metadata, patch, options),
      );
      expect(warnings).toEqual(['unknown field "spec.colur"']);
      expect((await bench.read(object)).spec).toEqual({ size: 2 });
    });

    it('refuses unknown fields of what is applied, since nobody can own them', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const body = form(key, { size: 1, colur: 'red' });
      await expect(
        bench.store.patch(
          FORM,
          key,
          { type: 'apply', body },
          { fieldManager: 'alice', fieldValidation: 'Strict' },
        ),
      ).rejects.toThrow('spec.colur');
      await expect(bench.store.get(FORM, key)).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('refuses a value of another type with Invalid, naming the field, however lenient it is', async () => {
      const namespace = await bench.namespace();
      const created = bench.store.create(form({ namespace, name: 'a' }, { colour: 7 }), {
        fieldValidation: 'Ignore',
      });
      await expect(created).rejects.toMatchObject({ reason: 'Invalid', status: 422 });
      await expect(created).rejects.toMatchObject({
        details: { causes: [{ field: 'spec.colour' }] },
      });
    });
  });
}
