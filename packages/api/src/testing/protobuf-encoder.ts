/**
 * The other direction, for tests alone: objects by the same descriptions into bytes, and random objects to encode.
 * It writes what `MessageReader` has to give back unchanged.
 */
import fc from 'fast-check';
import { FIELDS_V1, INT_OR_STRING, MICRO_TIME, TIME } from '../protobuf/converted-types.ts';
import {
  isConverted,
  kept,
  message,
  type ConvertedType,
  type Field,
  type Fields,
  type Message,
  type ScalarType,
  type ValueType,
} from '../protobuf/message.ts';

/** An unsigned number of up to 64 bits; negative ones as two's complement. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  while (left > 0x7fn) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

/** A field of bytes, with its tag and length. */
export function spanField(number: number, bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes as Buffer);
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

export function varintField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** A body as clients send it. */
export function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const typeMeta = Buffer.concat([spanField(1, apiVersion), spanField(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), spanField(1, typeMeta), spanField(2, raw)]);
}

export function encodeMessage({ fields }: Message, object: Fields): Buffer {
  const parts: Buffer[] = [];
  for (const [number, field] of fields) {
    if (!Object.hasOwn(object, field.name)) continue;
    parts.push(...encodeField(number, field, object[field.name]));
  }
  return Buffer.concat(parts);
}

function encodeField(number: number, field: Field, value: unknown): Buffer[] {
  if (field.form === 'map') {
    const entries = Object.entries(value as Fields);
    return entries.map(([key, inner]) =>
      spanField(number, encodeMessage(field.entry, { key, value: inner })),
    );
  }
  const values = field.form === 'list' ? (value as unknown[]) : [value];
  return values.map((one) => encodeValue(number, field.type, one));
}

function encodeValue(number: number, type: ValueType, value: unknown): Buffer {
  if (typeof type !== 'string') {
    return isConverted(type)
      ? spanField(number, encodeMessage(type.message, unconverted(type, value)))
      : spanField(number, encodeMessage(type, value as Fields));
  }
  switch (type) {
    case 'string':
      return spanField(number, value as string);
    case 'bytes':
      return spanField(number, Buffer.from(value as string, 'base64'));
    case 'span':
      return spanField(number, value as Buffer);
    case 'json':
      return spanField(number, JSON.stringify(value));
    case 'bool':
      return varintField(number, value === true ? 1 : 0);
    case 'int32':
    case 'int64':
      return varintField(number, value as number);
    default:
      return type satisfies never;
  }
}

function unconverted(type: ConvertedType, value: unknown): Fields {
  if (type === INT_OR_STRING) {
    return typeof value === 'number' ? { type: 0, intVal: value } : { type: 1, strVal: value };
  }
  if (value === null) return {};
  if (type === FIELDS_V1) return { raw: value };
  const [whole = '', fraction = ''] = (value as string).slice(0, -1).split('.');
  return {
    seconds: Date.parse(`${whole}Z`) / 1000,
    nanos: Number(fraction.padEnd(9, '0')),
  };
}

const SCALARS: Readonly<Record<Exclude<ScalarType, 'span'>, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '__proto__', '\ufeffa')),
  bytes: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  json: fc.dictionary(fc.string(), fc.constant({})),
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
};

const SECONDS = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

const WHOLE_LENGTH = 19;

const CONVERTED: readonly (readonly [ConvertedType, fc.Arbitrary<unknown>])[] = [
  [INT_OR_STRING, fc.oneof(fc.integer(), fc.string())],
  [FIELDS_V1, SCALARS.json],
  [TIME, fc.option(SECONDS.map((date) => `${date.toISOString().slice(0, WHOLE_LENGTH)}Z`))],
  [
    MICRO_TIME,
    fc.option(
      fc
        .tuple(SECONDS, fc.integer({ min: 0, max: 999_999 }))
        .map(
          ([date, micros]) =>
            `${date.toISOString().slice(0, WHOLE_LENGTH)}.${String(micros).padStart(6, '0')}Z`,
        ),
    ),
  ],
];

/** Objects as the JSON of a message has them: what is left out when it is zero is never zero. */
export function objectsOf({ fields }: Message): fc.Arbitrary<Fields> {
  const shape = [...fields.values()].map((field) => [field.name, fieldValues(field)] as const);
  return fc.record(Object.fromEntries(shape), { requiredKeys: [] });
}

function fieldValues(field: Field): fc.Arbitrary<unknown> {
  switch (field.form) {
    case 'value':
      return values(field.type).filter((value) => value !== '' && value !== 0 && value !== false);
    case 'kept':
      return values(field.type);
    case 'list':
      return fc.array(values(field.type), { minLength: 1, maxLength: 3 });
    case 'map': {
      const type = field.entry.fields.get(2);
      if (type === undefined || type.form === 'map') throw new Error('an entry has a value');
      const keys = SCALARS.string as fc.Arbitrary<string>;
      return fc.dictionary(keys, values(type.type), {
        minKeys: 1,
        maxKeys: 4,
        noNullPrototype: true,
      });
    }
    default:
      return field satisfies never;
  }
}

function values(type: ValueType): fc.Arbitrary<unknown> {
  if (typeof type !== 'string') {
    if (!isConverted(type)) return objectsOf(type);
    const found = CONVERTED.find(([converted]) => converted === type);
    if (found === undefined) throw new Error('no values for this type');
    return found[1];
  }
  if (type === 'span') throw new Error('only the envelope has spans');
  return SCALARS[type];
}

/** A message that can be nested in itself without end. */
export function nestingMessage(): Message {
  const fields = new Map<number, Field>();
  const nesting: Message = { ...message('Nesting', {}), fields };
  fields.set(1, kept('inner', nesting));
  return nesting;
}
