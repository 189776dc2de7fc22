import type { ManagedFields } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { UPDATE_MANAGERS_MAX } from './managed-fields.ts';
import { takeOwnership } from './take-ownership.ts';
import { widget } from './testing/widget.ts';
import { options, timeOf, written } from './testing/writers.ts';

function fieldsByManager(entries: ManagedFields[] | undefined): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const { manager = '', fieldsV1 } of entries ?? []) fields[manager] = fieldsV1;
  return fields;
}

describe('takeOwnership', () => {
  it('gives changed fields to the writer and keeps the time of everybody else', () => {
    const before = written(undefined, widget({ text: 'a', order: ['1'] }), 'one', 1);
    const entries = takeOwnership(
      before,
      widget({ text: 'b', order: ['1'] }),
      options('two', { now: timeOf(2) }),
    );
    expect(entries).toEqual([
      {
        manager: 'one',
        operation: 'Update',
        apiVersion: 'example.org/v1',
        time: '2025-01-01T00:00:01Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { '.': {}, 'f:order': {} } },
      },
      {
        manager: 'two',
        operation: 'Update',
        apiVersion: 'example.org/v1',
        time: '2025-01-01T00:00:02Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:text': {} } },
      },
    ]);
  });

  it('adds to what the writer owned before', () => {
    const one = written(undefined, widget({ text: 'a' }), 'one', 1);
    const entries = takeOwnership(
      one,
      widget({ text: 'a', order: [] }),
      options('one', { now: timeOf(2) }),
    );
    expect(fieldsByManager(entries)).toEqual({
      one: { 'f:spec': { '.': {}, 'f:order': {}, 'f:text': {} } },
    });
    expect(entries?.[0]?.time).toBe('2025-01-01T00:00:02Z');
  });

  it('owns finalizers, owners and labels one by one, and no system metadata', () => {
    const metadata = {
      namespace: 'n',
      uid: 'u',
      resourceVersion: '1',
      generation: 2,
      creationTimestamp: '2025-01-01T00:00:00Z',
      deletionTimestamp: '2025-01-01T00:00:00Z',
      labels: { l: '1' },
      finalizers: ['e.org/f'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: 'n', uid: 'o' }],
    };
    const entries = takeOwnership(undefined, widget(undefined, metadata), options('one'));
    expect(entries?.[0]?.fieldsV1).toEqual({
      'f:metadata': {
        'f:finalizers': { '.': {}, 'v:"e.org/f"': {} },
        'f:labels': { '.': {}, 'f:l': {} },
        'f:ownerReferences': { '.': {}, 'k:{"uid":"o"}': {} },
      },
    });
  });

  it('keeps status and the rest apart', () => {
    const one = written(undefined, { ...widget({ text: 'a' }), status: { phase: 'x' } }, 'one');
    expect(fieldsByManager(one.metadata.managedFields)).toEqual({
      one: { 'f:spec': { '.': {}, 'f:text': {} } },
    });
    const next = { ...one, spec: { text: 'no' }, status: { phase: 'y' } };
    const entries = takeOwnership(one, next, { ...options('ctl'), subresource: 'status' });
    expect(entries).toHaveLength(2);
    expect(entries).toContainEqual(
      expect.objectContaining({
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:phase': {} } },
      }),
    );
  });

  it('calls a writer without a name unknown', () => {
    expect(
      takeOwnership(undefined, widget({}), { ...options(''), manager: undefined })?.[0]?.manager,
    ).toBe('unknown');
  });

  it('tracks nothing on an object that has no owners', () => {
    expect(
      takeOwnership(widget({ text: 'a' }), widget({ text: 'b' }), options('m')),
    ).toBeUndefined();
  });

  const one = written(undefined, widget({ text: 'a' }), 'one');
  const entry = one.metadata.managedFields?.[0] ?? {};

  it.each([
    ['an empty list', []],
    ['a list with an empty entry', [{}]],
  ])('forgets all owners when a client sends %s', (_, managedFields) => {
    const next = widget({ text: 'b' }, { managedFields });
    expect(takeOwnership(one, next, options('two'))).toBeUndefined();
  });

  it.each([
    ['an unknown operation', [{ ...entry, operation: 'Eat' }]],
    ['no apiVersion', [{ ...entry, apiVersion: '' }]],
    ['an unknown fieldsType', [{ ...entry, fieldsType: 'FieldsV2' }]],
    ['malformed fields', [{ ...entry, fieldsV1: { data: {} } }]],
    ['null', null],
  ])('keeps the owners when a client sends %s', (_, managedFields) => {
    const next = widget({ text: 'a' }, { managedFields });
    expect(takeOwnership(one, next, options('two'))).toEqual(one.metadata.managedFields);
  });

  it('takes over a list that a client sends, in canonical form', () => {
    const sent = { ...entry, manager: 'renamed', fieldsV1: { 'f:z': {}, 'x:y': {}, 'f:a': {} } };
    const entries = takeOwnership(
      one,
      widget({ text: 'a' }, { managedFields: [sent] }),
      options('m'),
    );
    expect(JSON.stringify(fieldsByManager(entries))).toBe('{"renamed":{"f:a":{},"f:z":{}}}');
  });

  it('ignores what a client sends with a status', () => {
    const next = { ...one, metadata: { ...one.metadata, managedFields: [] } };
    const scope = { ...options('m'), subresource: 'status' } as const;
    expect(takeOwnership(one, next, scope)).toBe(one.metadata.managedFields);
  });

  it('remembers a bounded number of writers, the latest ones', () => {
    let object = written(undefined, widget({ groups: {} }), 'm00');
    const groups: Record<string, unknown> = {};
    for (let index = 1; index <= UPDATE_MANAGERS_MAX + 3; index += 1) {
      groups[`g${String(index)}`] = { size: 1 };
      const manager = `m${String(index).padStart(2, '0')}`;
      object = written(object, widget({ groups: { ...groups } }), manager, index);
    }
    const managers = object.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers).toHaveLength(UPDATE_MANAGERS_MAX);
    expect(managers?.[0]).toBe('ancient-changes');
    expect(managers?.at(-1)).toBe('m13');
    const forgotten = fieldsByManager(object.metadata.managedFields)['ancient-changes'];
    expect(JSON.stringify(forgotten)).toContain('f:g4');
  });

  it('follows a value that changes its type', () => {
    const before = written(undefined, widget({ nested: { deep: { a: 'x' } } }), 'one');
    const entries = takeOwnership(before, widget({ nested: 'flat' }), options('two'));
    expect(fieldsByManager(entries)).toEqual({
      one: { 'f:spec': {} },
      two: { 'f:spec': { 'f:nested': {} } },
    });
  });
});
