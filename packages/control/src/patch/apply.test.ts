import { describe, expect, it } from 'vitest';
import { apply } from './apply.ts';
import { keepTimes } from './managed-fields.ts';
import { widget } from './testing/widget.ts';
import { applied, managersOf, options, refusal } from './testing/writers.ts';

const LATER = { now: '2025-01-01T00:01:00Z' };

describe('apply', () => {
  it('creates what is not there, owned by its manager', () => {
    const object = applied(undefined, { text: 'x' }, 'one');
    expect(object).toEqual({
      ...widget({ text: 'x' }),
      metadata: {
        name: 'w',
        managedFields: [
          {
            manager: 'one',
            operation: 'Apply',
            apiVersion: 'example.org/v1',
            time: '2025-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:text': {} } },
          },
        ],
      },
    });
  });

  it('refuses to take a field from another manager, and says which', () => {
    const before = applied(undefined, { text: 'x', ports: [{ port: 1, label: 'l' }] }, 'one');
    const error = refusal(() => {
      applied(before, { text: 'y', ports: [{ port: 1, label: 'm' }] }, 'two');
    });
    expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
    expect(error.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.text\n- .spec.ports[port=1,protocol="TCP"].label',
    );
    expect(error.details['causes']).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.text' },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "one"',
        field: '.spec.ports[port=1,protocol="TCP"].label',
      },
    ]);
  });

  it('treats what was there before the first apply as owned', () => {
    const before = widget({ text: 'x', order: ['a'] });
    const error = refusal(() => {
      applied(before, { text: 'y' }, 'one');
    });
    expect(error.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using example.org/v1: .spec.text',
    );
    const object = applied(before, { text: 'x' }, 'one');
    expect(managersOf(object)).toEqual(['one', 'before-first-apply']);
  });

  it('keeps an empty object that somebody applies as such', () => {
    const both = applied(
      applied(undefined, { nested: {} }, 'one'),
      { nested: { deep: {} } },
      'two',
    );
    expect(applied(both, undefined, 'two').spec).toEqual({ nested: {} });
  });

  it('is about status only through the subresource', () => {
    const status = { phase: 'Up' };
    const intent = { ...widget({ text: 'x' }), status };
    const main = apply(undefined, intent, options('one'));
    expect(main.status).toBeUndefined();
    const both = apply(main, intent, options('two', { subresource: 'status' }));
    expect(both.status).toEqual(status);
    expect(both.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 'two',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:phase': {} } },
      }),
    );
  });

  it('hands a version of the intent on to be compared, and forgets it where nothing is there', () => {
    const intent = widget({ text: 'x' }, { resourceVersion: '7' });
    expect(apply(undefined, intent, options('one')).metadata.resourceVersion).toBeUndefined();
    const current = widget({ text: 'x' }, { resourceVersion: '8' });
    expect(apply(current, intent, options('one')).metadata.resourceVersion).toBe('7');
  });

  it('refuses a uid of something that is not there', () => {
    const error = refusal(() => apply(undefined, widget({}, { uid: 'u' }), options('one')));
    expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
    expect(error.message).toMatch(/uid mismatch: the provided object specified uid u/);
  });

  it('keeps what only the server writes', () => {
    const system = { uid: 'u', creationTimestamp: '2024-01-01T00:00:00Z', generation: 3 };
    const current = widget({ text: 'x' }, system);
    const intent = widget({ text: 'x' }, { creationTimestamp: null, generation: 9 });
    expect(apply(current, intent, options('one')).metadata).toMatchObject(system);
  });

  // The words are those of kube-apiserver 1.33, which calls some of these a failure of its own (500).
  it.each([
    ['managedFields', widget({}, { managedFields: [] }), 'metadata.managedFields must be nil'],
    ['no object', [], 'an intent must be a JSON object'],
    [
      'no metadata',
      { apiVersion: 'v1', kind: 'X' },
      'an intent needs apiVersion, kind and metadata',
    ],
    [
      'an item twice',
      widget({ ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }),
      'failed to create typed patch object (/w; example.org/v1, Kind=Widget): .spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    ],
    [
      'an item without its key',
      widget({ ports: [{ label: 'x' }] }),
      'failed to create typed patch object (/w; example.org/v1, Kind=Widget): .spec.ports: element 0: associative list with keys has an element that omits key field "port" (and doesn\'t have default value)',
    ],
    [
      'null in a set',
      widget({ tags: [null] }),
      "failed to create typed patch object (/w; example.org/v1, Kind=Widget): .spec.tags: element 0: associative list without keys has an element that's an explicit null",
    ],
    [
      'a finalizer twice',
      widget({}, { finalizers: ['a/b', 'a/b'] }),
      'failed to create typed patch object (/w; example.org/v1, Kind=Widget): .metadata.finalizers: duplicate entries for key [="a/b"]',
    ],
  ])('refuses an intent with %s', (_, intent, message) => {
    const error = refusal(() => apply(undefined, intent, options('one')));
    expect(error).toMatchObject({ message, status: 400, reason: 'BadRequest' });
  });

  it('needs a manager', () => {
    expect(refusal(() => applied(undefined, {}, '')).status).toBe(422);
  });

  it('takes malformed managedFields for none', () => {
    const current = widget({ text: 'x' }, { managedFields: [{ manager: 'm', operation: 'Nope' }] });
    expect(managersOf(applied(current, { text: 'x' }, 'one'))).toEqual([
      'one',
      'before-first-apply',
    ]);
  });

  it('works without any schema', () => {
    const more = { schema: undefined };
    const both = applied(
      applied(undefined, { a: { b: 1 } }, 'one', more),
      { a: { c: 2 } },
      'two',
      more,
    );
    expect(both.spec).toEqual({ a: { b: 1, c: 2 } });
    expect(applied(both, undefined, 'one', more).spec).toEqual({ a: { c: 2 } });
  });
});

describe('keepTimes', () => {
  const object = applied(undefined, { text: 'x' }, 'one');
  const later = applied(undefined, { text: 'x' }, 'one', LATER);

  it('gives back the old object when only times differ', () => {
    expect(keepTimes(later, object)).toBe(object);
  });

  it.each([
    ['a value', applied(undefined, { text: 'y' }, 'one', LATER)],
    ['an owner', applied(undefined, { text: 'x' }, 'two', LATER)],
    ['metadata', { ...later, metadata: { ...later.metadata, labels: { a: 'b' } } }],
  ])('keeps the new object when %s differs', (_, next) => {
    expect(keepTimes(next, object)).toBe(next);
  });
});
