/**
 * Descriptions of messages as data: which JSON field a field number stands for, and how its value is read. Nothing is
 * generated from them; `message-reader.ts` goes by them.
 *
 * They also say what JSON does with zero values. Kubernetes' clients write every field that is no pointer, also an
 * empty one, while their JSON leaves most empty ones out. A field is described by what its JSON does:
 *
 * - `value`: left out when it is zero;
 * - `kept`: there whenever it was sent. These are pointers, parts (messages), times, and what JSON always writes.
 */

/**
 * Types of one value. `bytes` become base64, `span` stays as it is on the wire, `json` is bytes with JSON in them.
 */
export type ScalarType = 'string' | 'bytes' | 'span' | 'json' | 'bool' | 'int32' | 'int64';

/** Values that JSON writes as something else than an object, though they are messages on the wire. */
export interface ConvertedType {
  readonly message: Message;
  /** Throws what `refuse` makes of a reason. */
  readonly convert: (fields: Fields, refuse: (why: string) => Error) => unknown;
}

export type ValueType = ScalarType | Message | ConvertedType;

/** The JSON fields of a message that was read. */
export type Fields = Readonly<Record<string, unknown>>;

export type Field =
  | { readonly form: 'value' | 'kept' | 'list'; readonly name: string; readonly type: ValueType }
  | { readonly form: 'map'; readonly name: string; readonly entry: Message };

export interface Message {
  readonly name: string;
  /** By field number. Numbers that are not here are skipped. */
  readonly fields: ReadonlyMap<number, Field>;
}

export function message(name: string, fields: Readonly<Record<number, Field>>): Message {
  const byNumber = Object.entries(fields).map(
    ([number, field]) => [Number(number), field] as const,
  );
  return { name, fields: new Map(byNumber) };
}

/** A single value that is left out when it is zero. */
export function value(name: string, type: ScalarType): Field {
  return { name, type, form: 'value' };
}

/** A single value that is there when it was sent, also a zero. */
export function kept(name: string, type: ValueType): Field {
  return { name, type, form: 'kept' };
}

export function list(name: string, type: ValueType): Field {
  return { name, type, form: 'list' };
}

/** From texts to texts; an entry is a message of its own. Bytes are texts in JSON, too. */
export function map(name: string, type: 'string' | 'bytes'): Field {
  const entry = message('entry', { 1: kept('key', 'string'), 2: kept('value', type) });
  return { name, entry, form: 'map' };
}

export function isConverted(type: ValueType): type is ConvertedType {
  return typeof type === 'object' && 'convert' in type;
}
