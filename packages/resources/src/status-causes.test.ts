import { expect, test } from 'vitest';
import { z } from 'zod';
import { FieldErrors } from './field-errors.ts';
import { checkSchema } from './schema/check.ts';
import { kubePath, statusCauses } from './status-causes.ts';
import { admit } from './admit.ts';
import { contextWith, decoded, manifest, REGISTRY } from './testing.ts';

const SCHEMA = z.strictObject({
  name: z.string(),
  count: z.int().min(1).max(9).exactOptional(),
  color: z.enum(['red', 'green']).exactOptional(),
  port: z.union([z.int(), z.string()]).exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  short: z.string().min(2).max(4).exactOptional(),
  list: z
    .array(z.strictObject({ on: z.boolean().exactOptional() }))
    .max(1)
    .exactOptional(),
});

// What a kube-apiserver 1.33 answered to the same values and the same schema.
test.each([
  [{}, 'FieldValueRequired', 'name', 'Required value'],
  [
    { name: 1 },
    'FieldValueTypeInvalid',
    'name',
    'Invalid value: "integer": name in body must be of type string: "integer"',
  ],
  [
    { name: ['a'] },
    'FieldValueTypeInvalid',
    'name',
    'Invalid value: "array": name in body must be of type string: "array"',
  ],
  [
    { name: 'a', count: 1.5 },
    'FieldValueTypeInvalid',
    'count',
    'Invalid value: "number": count in body must be of type integer: "number"',
  ],
  [
    { name: 'a', count: 'x' },
    'FieldValueTypeInvalid',
    'count',
    'Invalid value: "string": count in body must be of type integer: "string"',
  ],
  [
    { name: 'a', count: 0 },
    'FieldValueInvalid',
    'count',
    'Invalid value: 0: count in body should be greater than or equal to 1',
  ],
  [
    { name: 'a', count: 10 },
    'FieldValueInvalid',
    'count',
    'Invalid value: 10: count in body should be less than or equal to 9',
  ],
  [
    { name: 'a', color: 'blue' },
    'FieldValueNotSupported',
    'color',
    'Unsupported value: "blue": supported values: "red", "green"',
  ],
  [
    { name: 'a', port: true },
    'FieldValueTypeInvalid',
    'port',
    'Invalid value: "boolean": port in body must be of type integer,string: "boolean"',
  ],
  [
    { name: 'a', tags: { 'x.y/z': 1 } },
    'FieldValueTypeInvalid',
    'tags.x.y/z',
    'Invalid value: "integer": tags.x.y/z in body must be of type string: "integer"',
  ],
  [
    { name: 'a', list: [{ on: 1 }] },
    'FieldValueTypeInvalid',
    'list[0].on',
    'Invalid value: "integer": list[0].on in body must be of type boolean: "integer"',
  ],
  [
    { name: 'a', list: [{}, {}] },
    'FieldValueTooMany',
    'list',
    'Too many: 2: must have at most 1 items',
  ],
  [
    { name: 'a', short: 'a' },
    'FieldValueInvalid',
    'short',
    'Invalid value: "a": short in body should be at least 2 chars long',
  ],
  [
    { name: 'a', short: 'aaaaa' },
    'FieldValueTooLong',
    'short',
    'Too long: may not be more than 4 bytes',
  ],
])('the cause of %j', (value, reason, field, message) => {
  expect(statusCauses(checkSchema(SCHEMA, value).errors)).toEqual([{ reason, message, field }]);
});

test('a problem at several fields is a cause for each', () => {
  const errors = new FieldErrors().missing('spec.a', 'spec.b').disallowed('spec.c');
  expect(statusCauses(errors)).toEqual([
    { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.a' },
    { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.b' },
    { reason: 'FieldValueForbidden', message: 'Forbidden', field: 'spec.c' },
  ]);
});

test('a rule of ours keeps its words and gets the fitting reason', () => {
  const errors = new FieldErrors()
    .invalidValue('30s', 'spec.timeout', 'expected a duration')
    .missing('spec.channel')
    .add('missing field(s)', 'spec.to', 'say where')
    .add('expected at least one, got none', ['ref', 'uri'])
    .add('Immutable fields changed (-old +new)', ['spec'], '{string}:\n\t-: "a"\n');
  expect(statusCauses(errors).map(({ reason, message }) => `${reason} ${message}`)).toEqual([
    'FieldValueInvalid Invalid value: "30s": expected a duration',
    'FieldValueRequired Required value',
    'FieldValueRequired Required value: say where',
    'FieldValueRequired Required value: expected at least one, got none',
    'FieldValueRequired Required value: expected at least one, got none',
    'FieldValueInvalid Immutable fields changed (-old +new): {string}: \t-: "a"',
  ]);
});

test('a problem inside another object is told at its place there', () => {
  const inner = checkSchema(SCHEMA, { name: 5 }).errors;
  expect(statusCauses(new FieldErrors().merge(inner, 'spec.steps[0]'))).toEqual([
    {
      reason: 'FieldValueTypeInvalid',
      message:
        'Invalid value: "integer": spec.steps[0].name in body must be of type string: "integer"',
      field: 'spec.steps[0].name',
    },
  ]);
});

test('T30 values that may be secret are in no cause', () => {
  const errors = checkSchema(
    SCHEMA,
    { name: 'a', color: 'hunter2', count: 77 },
    { mayShowValues: false },
  ).errors;
  expect(JSON.stringify(statusCauses(errors))).not.toMatch(/hunter2|77/);
});

test('the rules of a kind become causes', () => {
  const trigger = decoded(manifest('Trigger', { spec: { subscriber: {} } }));
  const { errors } = admit(REGISTRY, trigger, contextWith());
  expect(statusCauses(errors).map(({ reason, field }) => `${reason} ${field}`)).toEqual([
    'FieldValueRequired spec.broker',
    'FieldValueRequired spec.subscriber.ref',
    'FieldValueRequired spec.subscriber.uri',
  ]);
});

test.each([
  [
    'fields that do not change',
    manifest('ConfigMap', { data: { a: '2' }, immutable: true }),
    manifest('ConfigMap', { data: { a: '1' }, immutable: true }),
    'data: Forbidden: field is immutable when `immutable` is set',
  ],
  [
    'the type of a Secret',
    manifest('Secret', { type: 'shop.example/b' }),
    manifest('Secret', { type: 'shop.example/a' }),
    'type: Invalid value: "shop.example/b": field is immutable',
  ],
  [
    'a key',
    manifest('ConfigMap', { data: { 'a b': '' } }),
    undefined,
    `data[a b]: Invalid value: "a b": expected letters, digits, '-', '_' and '.'`,
  ],
  [
    'the value of a label',
    manifest('ConfigMap', { metadata: { labels: { 'a.b/c': 'd e' } } }),
    undefined,
    `metadata.labels: Invalid value: "d e": expected at most 63 letters, digits, '-', '_' and '.', a letter or digit at both ends`,
  ],
  [
    'the key of an annotation',
    manifest('ConfigMap', { metadata: { annotations: { 'a b': '' } } }),
    undefined,
    'metadata.annotations: Invalid value: "a b": expected an annotation name such as note or example.com/note',
  ],
  [
    'no name',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '' } },
    undefined,
    'metadata.name: Required value: name or generateName is required',
  ],
])('%s: refused in the form of kube-apiserver', (_what, value, old, expected) => {
  const before =
    old === undefined ? undefined : admit(REGISTRY, decoded(old), contextWith()).object;
  const { errors } = admit(REGISTRY, decoded(value), contextWith(), before);
  expect(statusCauses(errors).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    expected,
  ]);
});

test('paths are written as kube-apiserver writes them', () => {
  expect(kubePath('spec.maps[a.b/c].list[0].foo')).toBe('spec.maps.a.b/c.list[0].foo');
});
