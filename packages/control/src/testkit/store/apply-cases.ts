import { describe, expect, it } from 'vitest';
import type { ApiObject } from '@afflux/resources';
import type { GroupVersionKind, ObjectKey, PatchOptions } from '../../store/resource-store.ts';
import {
  CONFIG_MAP,
  configMap,
  FORM,
  form,
  GADGET,
  gadget,
  SERVICE,
  service,
  servicePort,
} from '../kinds.ts';
import type { StoreBench } from './bench.ts';

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
}

/** Who is remembered as writing an object, sorted. */
function managersOf(object: ApiObject): string[] {
  const { managedFields = [] } = object.metadata as { managedFields?: readonly ManagedFields[] };
  return managedFields
    .map(({ manager = '', operation = '', subresource }) =>
      [manager, operation, ...(subresource === undefined ? [] : [subresource])].join(' '),
    )
    .sort();
}

/** Server-side apply: several writers of one object, each with its own fields. */
export function applyCases(bench: StoreBench): void {
  type Apply = (
    fieldManager: string,
    spec: Record<string, unknown>,
    options?: PatchOptions & { readonly force?: boolean },
  ) => Promise<ApiObject>;

  /** A new Form's name, and a way to apply to it. */
  const newForm = async (): Promise<{
    readonly key: ObjectKey & { namespace: string };
    readonly apply: Apply;
  }> => {
    const key = { namespace: await bench.namespace(), name: 'a' };
    return {
      key,
      apply: (fieldManager, spec, { force, ...options } = {}) =>
        bench.store.patch(
          FORM,
          key,
          { type: 'apply', body: form(key, spec), force },
          { fieldManager, ...options },
        ),
    };
  };

  const applyTo = (
    kind: GroupVersionKind,
    body: ApiObject,
    fieldManager: string,
    options: PatchOptions = {},
  ) =>
    bench.store.patch(kind, body.metadata, { type: 'apply', body }, { fieldManager, ...options });

  /** The refusal that names these fields of another manager. */
  const conflict = (fields: readonly string[], manager: string) => ({
    reason: 'Conflict',
    status: 409,
    details: {
      causes: fields.map((field) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${manager}`,
        field,
      })),
    },
  });

  describe('apply', () => {
    it('creates the object when it is not there and remembers who did', async () => {
      const { key, apply } = await newForm();
      const created = await apply('alice', { size: 1, parts: [{ name: 'p', count: 2 }] });
      expect(created).toMatchObject({
        metadata: { ...key, generation: 1 },
        spec: { size: 1, parts: [{ name: 'p', count: 2 }] },
      });
      expect(managersOf(created)).toEqual(['alice Apply']);
      expect(await bench.store.get(FORM, key)).toEqual(created);
    });

    it('of the same again changes nothing', async () => {
      const { apply } = await newForm();
      const created = await apply('alice', { size: 1, tags: ['x'] });
      expect(await apply('alice', { size: 1, tags: ['x'] })).toEqual(created);
    });

    it('changes the fields of its manager and leaves others', async () => {
      const { apply } = await newForm();
      await apply('alice', { size: 1 });
      await apply('bob', { colour: 'red' });
      const changed = await apply('alice', { size: 2 });
      expect(changed.spec).toEqual({ size: 2, colour: 'red' });
      expect(changed.metadata.generation).toBe(3);
      expect(managersOf(changed)).toEqual(['alice Apply', 'bob Apply']);
    });

    it('is refused with Conflict when another manager has the field with another value', async () => {
      const { key, apply } = await newForm();
      const before = await apply('alice', { size: 1, parts: [{ name: 'p', count: 1 }] });
      const refused = apply('bob', { size: 2, parts: [{ name: 'p', count: 9 }] });
      await expect(refused).rejects.toMatchObject(
        conflict(['.spec.size', '.spec.parts[name="p"].count'], '"alice"'),
      );
      expect(await bench.store.get(FORM, key)).toEqual(before);
    });

    it('conflicts with those who updated the field, and names the version that they used', async () => {
      const { key, apply } = await newForm();
      await apply('alice', { size: 1 });
      const body = { spec: { colour: 'red' } };
      await bench.store.patch(FORM, key, { type: 'merge', body }, { fieldManager: 'carol' });
      await expect(apply('alice', { size: 1, colour: 'blue' })).rejects.toMatchObject(
        conflict(['.spec.colour'], '"carol" using kit.afflux.dev/v1'),
      );
    });

    it('takes the field over when it is forced to', async () => {
      const { apply } = await newForm();
      await apply('alice', { size: 1, colour: 'red' });
      const forced = await apply('bob', { size: 2 }, { force: true });
      expect(forced.spec).toEqual({ size: 2, colour: 'red' });
      // It is no longer alice's to remove.
      expect((await apply('alice', { colour: 'red' })).spec).toEqual({ size: 2, colour: 'red' });
    });

    it('shares a field with another manager when both want the same', async () => {
      const { apply } = await newForm();
      await apply('alice', { size: 1, colour: 'red' });
      await apply('bob', { size: 1 });
      expect((await apply('alice', { colour: 'red' })).spec).toEqual({ size: 1, colour: 'red' });
      expect((await apply('bob', {})).spec).toEqual({ colour: 'red' });
    });

    it('removes what its manager no longer wants', async () => {
      const { apply } = await newForm();
      await apply('alice', { size: 1, colour: 'red', parts: [{ name: 'p' }, { name: 'q' }] });
      const changed = await apply('alice', { size: 1, parts: [{ name: 'q' }] });
      expect(changed.spec).toEqual({ size: 1, parts: [{ name: 'q' }] });
    });

    it('leaves a field to somebody who updated it since', async () => {
      const { key, apply } = await newForm();
      await apply('alice', { size: 1, colour: 'red' });
      const body = { spec: { size: 5 } };
      await bench.store.patch(FORM, key, { type: 'merge', body }, { fieldManager: 'carol' });
      expect((await apply('alice', { colour: 'red' })).spec).toEqual({ size: 5, colour: 'red' });
    });

    it('keeps an update and an apply by the same name apart', async () => {
      const { key, apply } = await newForm();
      await bench.store.create(form(key, { size: 1 }), { fieldManager: 'alice' });
      await expect(apply('alice', { size: 2 })).rejects.toMatchObject(
        conflict(['.spec.size'], '"alice" using kit.afflux.dev/v1'),
      );
      const applied = await apply('alice', { size: 1 });
      expect(managersOf(applied)).toEqual(['alice Apply', 'alice Update']);
    });

    it('lets each manager have items of a list with keys', async () => {
      const { apply } = await newForm();
      await apply('alice', { parts: [{ name: 'a', count: 1 }] });
      const both = await apply('bob', { parts: [{ name: 'b', count: 2 }] });
      expect(both.spec).toEqual({
        parts: [
          { name: 'a', count: 1 },
          { name: 'b', count: 2 },
        ],
      });
      const shared = await apply('bob', { parts: [{ name: 'a', unit: 'kg' }] });
      expect(shared.spec).toEqual({ parts: [{ name: 'a', count: 1, unit: 'kg' }] });
    });

    it('lets each manager have values of a set', async () => {
      const { apply } = await newForm();
      await apply('alice', { tags: ['x', 'y'] });
      expect((await apply('bob', { tags: ['y', 'z'] })).spec).toEqual({ tags: ['x', 'y', 'z'] });
      expect((await apply('alice', { tags: [] })).spec).toEqual({ tags: ['y', 'z'] });
    });

    it('lets each manager have entries of a map', async () => {
      const { apply } = await newForm();
      await apply('alice', { options: { a: '1' } });
      await apply('bob', { options: { b: '2' } });
      await expect(apply('bob', { options: { a: '9', b: '2' } })).rejects.toMatchObject(
        conflict(['.spec.options.a'], '"alice"'),
      );
      expect((await apply('alice', {})).spec).toEqual({ options: { b: '2' } });
    });

    it('treats an ordinary list and an atomic map as one value', async () => {
      const { apply } = await newForm();
      await apply('alice', { steps: ['one', 'two'], origin: { city: 'Berlin' } });
      await expect(
        apply('bob', { steps: ['one'], origin: { street: 'Ring' } }),
      ).rejects.toMatchObject(conflict(['.spec.origin', '.spec.steps'], '"alice"'));
      const changed = await apply('alice', { steps: ['two'], origin: { street: 'Ring' } });
      expect(changed.spec).toEqual({ steps: ['two'], origin: { street: 'Ring' } });
    });

    it('treats every list of an open schema as one value', async () => {
      const metadata = { namespace: await bench.namespace(), name: 'a' };
      await applyTo(GADGET, gadget(metadata, { list: [{ name: 'a' }], map: { x: 1 } }), 'alice');
      await expect(
        applyTo(GADGET, gadget(metadata, { list: [{ name: 'b' }] }), 'bob'),
      ).rejects.toMatchObject(conflict(['.spec.list'], '"alice"'));
      const merged = await applyTo(GADGET, gadget(metadata, { map: { y: 2 } }), 'bob');
      expect(merged.spec).toEqual({ list: [{ name: 'a' }], map: { x: 1, y: 2 } });
    });

    it('lets each manager have labels, annotations and finalizers', async () => {
      const key = { namespace: await bench.namespace(), name: 'a' };
      const mark = (who: string) => ({
        ...key,
        labels: { [who]: 'x' },
        annotations: { [`kit.afflux.dev/${who}`]: 'x' },
        finalizers: [`${who}.kit.afflux.dev`],
      });
      await applyTo(FORM, { ...form(mark('alice')), spec: {} }, 'alice');
      const both = await applyTo(FORM, { ...form(mark('bob')), spec: {} }, 'bob');
      expect(both.metadata).toMatchObject({
        labels: { alice: 'x', bob: 'x' },
        finalizers: ['alice.kit.afflux.dev', 'bob.kit.afflux.dev'],
      });
      const left = await applyTo(FORM, { ...form(key), spec: {} }, 'alice');
      expect(left.metadata.labels).toEqual({ bob: 'x' });
      expect(left.metadata.annotations).toEqual({ 'kit.afflux.dev/bob': 'x' });
      expect(left.metadata.finalizers).toEqual(['bob.kit.afflux.dev']);
    });

    it('merges the ports of a Service by number and protocol', async () => {
      const metadata = { namespace: await bench.namespace(), name: 'a' };
      await applyTo(SERVICE, service(metadata, [servicePort('web', 80)]), 'alice');
      const both = await applyTo(SERVICE, service(metadata, [servicePort('ops', 81)]), 'bob');
      expect(both.spec).toMatchObject({ ports: [servicePort('web', 80), servicePort('ops', 81)] });
      await expect(
        applyTo(SERVICE, service(metadata, [{ ...servicePort('www', 80) }]), 'bob'),
      ).rejects.toMatchObject(conflict(['.spec.ports[port=80,protocol="TCP"].name'], '"alice"'));
      const left = await applyTo(SERVICE, service(metadata, [servicePort('web', 80)]), 'alice');
      expect(left.spec).toMatchObject({ ports: [servicePort('web', 80), servicePort('ops', 81)] });
    });

    it('works on built-in kinds without a status', async () => {
      const metadata = { namespace: await bench.namespace(), name: 'a' };
      await applyTo(CONFIG_MAP, configMap(metadata, { a: '1' }), 'alice');
      await applyTo(CONFIG_MAP, configMap(metadata, { b: '2' }), 'bob');
      await expect(
        applyTo(CONFIG_MAP, configMap(metadata, { a: '9', b: '2' }), 'bob'),
      ).rejects.toMatchObject(conflict(['.data.a'], '"alice"'));
      const left = await applyTo(CONFIG_MAP, configMap(metadata, { c: '3' }), 'alice');
      expect(left).toMatchObject({ data: { b: '2', c: '3' } });
      expect(Object.keys((left as { data?: object }).data ?? {}).sort()).toEqual(['b', 'c']);
    });

    it('to the status touches nothing else, and is remembered as such', async () => {
      const { key, apply } = await newForm();
      await apply('alice', { size: 1 });
      const body = { ...form(key, { size: 9 }), status: { phase: 'Ready' } };
      const options = { subresource: 'status' } as const;
      const withStatus = await applyTo(FORM, body, 'controller', options);
      expect(withStatus).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
      expect(managersOf(withStatus)).toEqual(['alice Apply', 'controller Apply status']);
      await expect(
        applyTo(FORM, { ...body, status: { phase: 'Broken' } }, 'other', options),
      ).rejects.toMatchObject(
        conflict(['.status.phase'], '"controller" with subresource "status"'),
      );
    });

    it('to the object leaves the status alone', async () => {
      const { key } = await newForm();
      const body = { ...form(key, { size: 1 }), status: { phase: 'Ready' } };
      expect((await applyTo(FORM, body, 'alice')).status).toBeUndefined();
    });

    it('to the status of an object that is not there is refused with NotFound', async () => {
      const { key } = await newForm();
      await expect(
        applyTo(FORM, form(key), 'alice', { subresource: 'status' }),
      ).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('needs a manager', async () => {
      const { key } = await newForm();
      await expect(
        bench.store.patch(FORM, key, { type: 'apply', body: form(key) }),
      ).rejects.toMatchObject({
        reason: 'Invalid',
        details: { causes: [{ field: 'fieldManager' }] },
      });
    });

    it('needs to say of which kind the object is', async () => {
      const { key } = await newForm();
      const body = { metadata: { name: key.name }, spec: { size: 1 } };
      await expect(
        bench.store.patch(FORM, key, { type: 'apply', body }, { fieldManager: 'alice' }),
      ).rejects.toMatchObject({ reason: 'BadRequest' });
    });

    it('must not name another object, or say who manages what', async () => {
      const { key, apply } = await newForm();
      await apply('alice', { size: 1 });
      for (const metadata of [{ name: 'b' }, { name: 'a', managedFields: [{ manager: 'x' }] }]) {
        const body = { ...form(key), metadata };
        await expect(
          bench.store.patch(FORM, key, { type: 'apply', body }, { fieldManager: 'alice' }),
        ).rejects.toMatchObject({ reason: 'BadRequest' });
      }
    });

    it('is conditional with a version', async () => {
      const { key, apply } = await newForm();
      const { resourceVersion = '' } = (await apply('alice', { size: 1 })).metadata;
      await apply('alice', { size: 2 });
      const stale = form({ ...key, resourceVersion }, { size: 3 });
      await expect(applyTo(FORM, stale, 'alice')).rejects.toMatchObject({ reason: 'Conflict' });
      const { resourceVersion: current = '' } = (await bench.store.get(FORM, key)).metadata;
      const fresh = form({ ...key, resourceVersion: current }, { size: 3 });
      expect((await applyTo(FORM, fresh, 'alice')).spec).toEqual({ size: 3 });
    });

    it('lets exactly one object come of many concurrent applies of it', async () => {
      const { key, apply } = await newForm();
      const managers = ['a', 'b', 'c', 'd'];
      await Promise.all(managers.map((manager) => apply(manager, { options: { [manager]: '1' } })));
      const { spec } = await bench.store.get(FORM, key);
      expect(spec).toEqual({ options: { a: '1', b: '1', c: '1', d: '1' } });
    });
  });

  describe('updates', () => {
    it('are remembered by the name of their manager, with time and fields', async () => {
      const { key } = await newForm();
      const created = await bench.store.create(form(key, { size: 1 }), { fieldManager: 'carol' });
      expect(created.metadata).toMatchObject({
        managedFields: [
          {
            manager: 'carol',
            operation: 'Update',
            apiVersion: FORM.apiVersion,
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:size': {} } },
          },
        ],
      });
    });

    it('take a field from who applied it', async () => {
      const { key, apply } = await newForm();
      const applied = await apply('alice', { size: 1 });
      await bench.store.update({ ...applied, spec: { size: 2 } }, { fieldManager: 'carol' });
      expect(managersOf(await bench.store.get(FORM, key))).toEqual(['carol Update']);
      await expect(apply('alice', { size: 1 })).rejects.toMatchObject(
        conflict(['.spec.size'], '"carol" using kit.afflux.dev/v1'),
      );
    });
  });
}
