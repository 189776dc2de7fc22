import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { typeShape } from '../define-kind.ts';
import { inCrd, withRules } from '../schema/in-crd.ts';
import { lowerSchema } from './lower.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** The structural schema of one field. */
function lowered(field: z.ZodType): StructuralSchema | undefined {
  const kind = z.strictObject({ ...typeShape('x/v1', 'X'), field });
  return lowerSchema(kind).properties?.['field'];
}

interface Tree {
  readonly name: string;
  readonly children?: readonly Tree[] | undefined;
}

const tree: z.ZodType<Tree> = z.strictObject({
  name: z.string(),
  get children() {
    return z.array(tree).exactOptional();
  },
});

describe('a field', () => {
  test.each<[string, z.ZodType, StructuralSchema]>([
    ['text', z.string().describe('About.'), { type: 'string', description: 'About.' }],
    ['an integer', z.int(), { type: 'integer', format: 'int64' }],
    [
      'a small integer',
      z.int().min(1).max(9),
      { type: 'integer', format: 'int32', minimum: 1, maximum: 9 },
    ],
    [
      'an integer with a lower bound',
      z.int().min(0),
      { type: 'integer', format: 'int64', minimum: 0 },
    ],
    [
      'an integer with its format',
      z.int().max(5).meta({ format: 'int32' }),
      { type: 'integer', format: 'int32', maximum: 5 },
    ],
    ['a number', z.number().gt(1), { type: 'number', minimum: 1, exclusiveMinimum: true }],
    ['one of some words', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    [
      'one of some literals',
      z.union([z.literal('a'), z.literal('b')]),
      { type: 'string', enum: ['a', 'b'] },
    ],
    ['a number or a text', z.union([z.int(), z.string()]), { 'x-kubernetes-int-or-string': true }],
    ['nullable text', z.string().nullable(), { type: 'string', nullable: true }],
    ['anything', z.unknown(), { 'x-kubernetes-preserve-unknown-fields': true }],
    [
      'a map of texts',
      z.record(z.string(), z.string()),
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
    [
      'a map of anything',
      z.record(z.string(), z.unknown()),
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'an open object',
      z.looseObject({ a: z.string() }),
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        required: ['a'],
        'x-kubernetes-preserve-unknown-fields': true,
      },
    ],
    [
      'a closed object',
      z.strictObject({ a: z.string().exactOptional() }),
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    [
      'a list with a kind',
      z.array(z.string()).max(3).meta({ 'x-kubernetes-list-type': 'set' }),
      { type: 'array', items: { type: 'string' }, maxItems: 3, 'x-kubernetes-list-type': 'set' },
    ],
    ['what only a CRD says', inCrd(z.string(), { minLength: 1 }), { type: 'string', minLength: 1 }],
    [
      'rules',
      withRules(z.strictObject({}), { rule: 'true' }),
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true' }] },
    ],
  ])('%s', (_title, field, expected) => {
    expect(lowered(field)).toEqual(expected);
  });

  test('a default stays, and makes the field optional', () => {
    const kind = z.strictObject({ ...typeShape('x/v1', 'X'), a: z.boolean().prefault(false) });
    expect(lowerSchema(kind)).toMatchObject({
      properties: { a: { type: 'boolean', default: false } },
    });
    expect(lowerSchema(kind).required).toBeUndefined();
  });

  test('a default that the field itself would refuse makes it required', () => {
    const spec = z.strictObject({ a: z.string() });
    const kind = z.strictObject({
      ...typeShape('x/v1', 'X'),
      spec: spec.prefault({} as { a: string }),
    });
    const schema = lowerSchema(kind);
    expect(schema.required).toEqual(['spec']);
    expect(schema.properties?.['spec']?.default).toBeUndefined();
  });

  test('a recursion is followed once and then open', () => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const name = { type: 'string' };
    const once = (items: object) => ({
      type: 'object',
      properties: { name, children: { type: 'array', items } },
      required: ['name'],
    });
    expect(lowered(tree)).toEqual(once(once(open)));
  });
});

test('the root has the fields of every object, without rules', () => {
  expect(lowerSchema(z.strictObject(typeShape('x/v1', 'X')))).toEqual({
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
    },
  });
});
