import { describe, expect, test } from 'vitest';
import { swaggerProtobuf } from './swagger-protobuf.ts';

/** The fields of a message: number and bytes. All of ours have their length before them. */
function fieldsOf(bytes: Buffer): { readonly number: number; readonly value: Buffer }[] {
  const fields: { number: number; value: Buffer }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    expect(key % 8).toBe(2);
    const length = varint();
    fields.push({ number: Math.floor(key / 8), value: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** The values at a path of field numbers. */
function at(bytes: Buffer, ...path: readonly number[]): Buffer[] {
  return path.reduce<Buffer[]>(
    (found, number) =>
      found.flatMap((one) =>
        fieldsOf(one)
          .filter((field) => field.number === number)
          .map(({ value }) => value),
      ),
    [bytes],
  );
}

function textsAt(bytes: Buffer, ...path: readonly number[]): string[] {
  return at(bytes, ...path).map(String);
}

/** The schemas of a document with these definitions. */
function schemasOf(definitions: Readonly<Record<string, object>>): Buffer[] {
  const document = { swagger: '2.0', info: { title: 'T', version: '1' }, paths: {}, definitions };
  return at(swaggerProtobuf(document), 9, 1, 2);
}

function schemaOf(definition: object): Buffer {
  return schemasOf({ it: definition })[0] ?? Buffer.alloc(0);
}

describe('a Swagger document as protobuf', () => {
  test('says which format it has, of what, and names its definitions', () => {
    const bytes = swaggerProtobuf({
      swagger: '2.0',
      info: { title: 'Afflux', version: '1.2.3' },
      definitions: { 'a.Order': {}, 'b.Item': {} },
    });
    expect(textsAt(bytes, 1)).toEqual(['2.0']);
    expect(textsAt(bytes, 2, 1)).toEqual(['Afflux']);
    expect(textsAt(bytes, 2, 2)).toEqual(['1.2.3']);
    expect(textsAt(bytes, 9, 1, 1)).toEqual(['a.Order', 'b.Item']);
  });

  test('has the properties of objects, what they need, and which kind they are', () => {
    const kinds = [{ group: 'shop.example', version: 'v1', kind: 'Order' }];
    const schema = schemaOf({
      type: 'object',
      description: 'A wish.',
      required: ['item'],
      properties: { item: { type: 'string', format: 'byte' }, size: { type: 'integer' } },
      'x-kubernetes-group-version-kind': kinds,
    });
    expect(textsAt(schema, 4)).toEqual(['A wish.']);
    expect(textsAt(schema, 22, 1)).toEqual(['object']);
    expect(textsAt(schema, 19)).toEqual(['item']);
    expect(textsAt(schema, 25, 1, 1)).toEqual(['item', 'size']);
    expect(textsAt(schema, 25, 1, 2, 22, 1)).toEqual(['string', 'integer']);
    expect(textsAt(schema, 25, 1, 2, 2)).toEqual(['byte']);
    expect(textsAt(schema, 31, 1)).toEqual(['x-kubernetes-group-version-kind']);
    expect(JSON.parse(textsAt(schema, 31, 2, 2).join(''))).toEqual(kinds);
  });

  test('has the schemas of maps and of lists', () => {
    const map = schemaOf({ type: 'object', additionalProperties: { type: 'string' } });
    expect(textsAt(map, 21, 1, 22, 1)).toEqual(['string']);
    const list = schemaOf({ type: 'array', items: { $ref: '#/definitions/Item' } });
    expect(textsAt(list, 23, 1, 1)).toEqual(['#/definitions/Item']);
  });

  test('leaves out what makes clients refuse the whole of it', () => {
    // Types beside a reference, lists of nobody knows what, and alternatives.
    const reference = { $ref: '#/definitions/Item', type: 'object', description: 'An item.' };
    expect(fieldsOf(schemaOf(reference)).map(({ number }) => number)).toEqual([1, 4]);
    expect(schemaOf({ type: 'array' })).toHaveLength(0);
    expect(schemaOf({ anyOf: [{ type: 'string' }, { type: 'integer' }] })).toHaveLength(0);
    expect(schemaOf({ type: 'object', additionalProperties: true })).toEqual(
      schemaOf({ type: 'object' }),
    );
  });

  test('holds texts longer than one byte can count', () => {
    const description = 'x'.repeat(70_000);
    expect(textsAt(schemaOf({ description }), 4)).toEqual([description]);
  });
});
