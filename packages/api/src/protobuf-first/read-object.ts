/**
 * Objects that are sent as protocol buffers: `Content-Type: application/vnd.kubernetes.protobuf`. Typed clients in Go
 * (kubectl from 1.32 among them) send the kinds of Kubernetes itself so and have no other way, so they are read here
 * into what the same client would have sent as JSON. Answers are JSON: those clients take both.
 */
import { badRequest } from '../errors.ts';
import { fieldsOf, messageOf, type Field } from './messages.ts';
import { readFields, WireError } from './wire.ts';

/** Every body begins so. */
const MAGIC = Buffer.from('k8s\0');

/** The object; undefined for kinds that are only taken as JSON or YAML. Throws BadRequest. */
export function readObject(body: Buffer): object | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest('the body does not begin as Kubernetes objects in protobuf do');
  }
  try {
    const { apiVersion, kind, raw } = envelopeOf(body.subarray(MAGIC.length));
    const message = messageOf(apiVersion, kind);
    return message === undefined ? undefined : { apiVersion, kind, ...messageValue(message, raw) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw badRequest(`the body cannot be read as protobuf: ${error.message}`);
  }
}

/** runtime.Unknown: which object it is, and its bytes. */
function envelopeOf(bytes: Buffer): { apiVersion: string; kind: string; raw: Buffer } {
  const envelope: { apiVersion: string; kind: string; raw: Buffer } = {
    apiVersion: '',
    kind: '',
    raw: Buffer.alloc(0),
  };
  for (const { number, value } of readFields(bytes)) {
    if (number === 2) envelope.raw = bytesOf(value);
    if (number === 3 && bytesOf(value).length > 0) throw new WireError('it is encoded twice');
    if (number !== 1) continue;
    for (const part of readFields(bytesOf(value))) {
      if (part.number === 1) envelope.apiVersion = textOf(part.value);
      if (part.number === 2) envelope.kind = textOf(part.value);
    }
  }
  return envelope;
}

function messageValue(message: string, bytes: Buffer): object {
  const fields = fieldsOf(message);
  const values = new Map<string, unknown>();
  for (const { number, value } of readFields(bytes)) {
    const field = fields.get(number);
    if (field !== undefined) addField(values, field, value);
  }
  return Object.fromEntries(
    [...values].map(([name, value]) => [
      name,
      // Own properties, whatever they are called.
      value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value,
    ]),
  );
}

function addField(values: Map<string, unknown>, field: Field, value: bigint | Buffer): void {
  const [, name, type, shape] = field;
  if (shape === 'map') {
    const map = (values.get(name) ?? new Map()) as Map<string, unknown>;
    map.set(...entryOf(type, bytesOf(value)));
    values.set(name, map);
    return;
  }
  const read = valueOf(type, value);
  if (shape === 'list') {
    const list = (values.get(name) ?? []) as unknown[];
    list.push(read ?? emptyOf(type));
    values.set(name, list);
  } else if (shape === 'pointer') values.set(name, read ?? emptyOf(type));
  else if (read !== undefined) values.set(name, read);
}

function entryOf(type: string, bytes: Buffer): [string, unknown] {
  let key = '';
  let item: unknown = emptyOf(type);
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) key = textOf(value);
    if (number === 2) item = valueOf(type, value) ?? emptyOf(type);
  }
  return [key, item];
}

/** As JSON writes it; undefined where the value is the empty one, which JSON leaves out. */
function valueOf(type: string, value: bigint | Buffer): unknown {
  switch (type) {
    case 'string':
      return textOf(value) || undefined;
    case 'bytes':
      return bytesOf(value).toString('base64') || undefined;
    case 'bool':
      return numberOf(value) !== 0 || undefined;
    case 'int':
      return numberOf(value) || undefined;
    case 'Time':
      return timeOf(bytesOf(value), 0);
    case 'MicroTime':
      return timeOf(bytesOf(value), 6);
    case 'IntOrString':
      return intOrString(bytesOf(value));
    case 'FieldsV1':
      return fieldsV1(bytesOf(value));
    default:
      return messageValue(type, bytesOf(value));
  }
}

function emptyOf(type: string): unknown {
  if (type === 'bool') return false;
  return type === 'int' ? 0 : '';
}

/** RFC 3339 with that many digits behind the point; undefined for the time that is none. */
function timeOf(bytes: Buffer, digits: number): string | undefined {
  const parts = numbersOf(bytes);
  const seconds = parts.get(1);
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new WireError('a time is out of range');
  const whole = date.toISOString().slice(0, -'.000Z'.length);
  if (digits === 0) return `${whole}Z`;
  const nanos = String(parts.get(2) ?? 0).padStart(9, '0');
  return `${whole}.${nanos.slice(0, digits)}Z`;
}

const INT_OR_STRING_IS_STRING = 1;

function intOrString(bytes: Buffer): string | number | undefined {
  let type = 0;
  let int = 0;
  let string = '';
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) type = numberOf(value);
    if (number === 2) int = numberOf(value);
    if (number === 3) string = textOf(value);
  }
  return (type === INT_OR_STRING_IS_STRING ? string : int) || undefined;
}

/** The set of fields is JSON inside. */
function fieldsV1(bytes: Buffer): unknown {
  for (const { number, value } of readFields(bytes)) {
    if (number !== 1) continue;
    try {
      return JSON.parse(textOf(value)) as unknown;
    } catch {
      throw new WireError('fieldsV1 is not JSON');
    }
  }
  return undefined;
}

function numbersOf(bytes: Buffer): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (const { number, value } of readFields(bytes)) numbers.set(number, numberOf(value));
  return numbers;
}

function bytesOf(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw new WireError('an integer where bytes are expected');
  return value;
}

function textOf(value: bigint | Buffer): string {
  return bytesOf(value).toString('utf8');
}

function numberOf(value: bigint | Buffer): number {
  if (typeof value !== 'bigint') throw new WireError('bytes where an integer is expected');
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new WireError('an integer is out of range');
  return number;
}
