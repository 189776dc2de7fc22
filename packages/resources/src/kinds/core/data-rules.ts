/** Rules for the data of ConfigMaps and Secrets; the limits are Kubernetes'. */
import { isDeepStrictEqual } from 'node:util';
import { FieldErrors } from '../../field-errors.ts';

/** Most bytes of all values of one ConfigMap or Secret. */
export const DATA_BYTES_MAX = 1024 * 1024;

const KEY_LENGTH_MAX = 253;
const KEY = /^[-._a-zA-Z0-9]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type TextMap = Readonly<Record<string, string>>;

function isDataKey(key: string): boolean {
  return key.length <= KEY_LENGTH_MAX && KEY.test(key) && !/^\.\.?$/.test(key);
}

/** Keys of one map; paths begin at the root of the object. */
export function validateDataKeys(data: TextMap | undefined, field: string): FieldErrors {
  const errors = new FieldErrors();
  for (const key of Object.keys(data ?? {})) {
    if (isDataKey(key)) continue;
    errors.invalidKey(key, `${field}[${key}]`, "expected letters, digits, '-', '_' and '.'");
  }
  return errors;
}

/** Values that must be base64. They are never shown: in a Secret they are secret. */
export function validateBase64(data: TextMap | undefined, field: string): FieldErrors {
  const errors = new FieldErrors();
  for (const [key, text] of Object.entries(data ?? {})) {
    // Line breaks are allowed, as in the output of the base64 command.
    if (BASE64.test(text.replace(/[\r\n]/g, ''))) continue;
    errors.add('expected base64 text', `${field}[${key}]`);
  }
  return errors;
}

/** The size of all values together. */
export function validateDataSize(maps: readonly (TextMap | undefined)[]): FieldErrors {
  const errors = new FieldErrors();
  const bytes = maps
    .flatMap((map) => Object.values(map ?? {}))
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > DATA_BYTES_MAX) {
    errors.add(`expected at most ${String(DATA_BYTES_MAX)} bytes, found ${String(bytes)}`, 'data');
  }
  return errors;
}

/** An object that declared itself immutable keeps its data and stays immutable. */
export function validateImmutable<T extends { immutable?: boolean }>(
  object: T,
  old: T | undefined,
  fields: readonly (keyof T & string)[],
): FieldErrors {
  const errors = new FieldErrors();
  if (old?.immutable !== true) return errors;
  for (const field of ['immutable', ...fields] as const) {
    if (isDeepStrictEqual(object[field as keyof T], old[field as keyof T])) continue;
    const message = 'field is immutable when `immutable` is set';
    const cause = { reason: 'FieldValueForbidden', head: `Forbidden: ${message}` } as const;
    errors.addProblem({ message, paths: [field], cause });
  }
  return errors;
}
