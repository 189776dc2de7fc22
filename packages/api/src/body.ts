/**
 * Bodies of requests: JSON or YAML, or protobuf for kinds of Kubernetes itself. Bounded in size by the listener, and in
 * depth here (threat T12), YAML in every other way, too (`yaml-body.ts`). Numbers, texts and nesting are taken as they are; nothing is evaluated (T25).
 */
import { ApiError, badRequest } from './errors.ts';
import { PROTOBUF_TYPE } from './protobuf/media-type.ts';
import { readYaml } from './yaml-body.ts';

/** Largest body, in bytes: kube-apiserver's limit. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** Deepest nesting; the store's own limit. */
const DEPTH_MAX = 100;

/** The media type without its parameters, in lower case. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Parses an object of the API. Throws BadRequest or UnsupportedMediaType. */
export async function parseBody(body: Buffer, contentType: string | undefined): Promise<unknown> {
  const type = mediaType(contentType);
  switch (type) {
    case '':
    case 'application/json':
      return parseJson(body);
    case 'application/yaml':
    case 'application/x-yaml':
    case 'text/yaml':
      return parseYaml(body);
    case PROTOBUF_TYPE:
      return await parseProtobuf(body);
    default:
      throw new ApiError(
        'AFFLUX_API_UNSUPPORTED_MEDIA_TYPE',
        `the body of the request was in an unknown format (${type}) - accepted media types include: application/json, application/yaml, ${PROTOBUF_TYPE}`,
      );
  }
}

/** Kinds of Kubernetes itself; their reader is loaded when somebody sends some. */
async function parseProtobuf(body: Buffer): Promise<unknown> {
  const { readProtobuf } = await import('./protobuf/protobuf-body.ts');
  return readProtobuf(body, { parseJson });
}

const NO_OBJECT =
  "the object provided is unrecognized: couldn't get version/kind; json parse error";

/** Parses JSON. Throws BadRequest, beginning with `problem`. */
export function parseJson(body: Buffer, problem = NO_OBJECT): unknown {
  assertReadable(body);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`${problem}: ${why}`);
  }
}

/** YAML, also of server-side apply, whose body may be JSON. */
export function parseYaml(body: Buffer): unknown {
  const text = body.toString('utf8');
  if (beginsObject(text)) assertReadable(body);
  return readJsonText(text) ?? readYaml(text);
}

/** The text of a body that was read, where it is an object in JSON, whatever its media type; undefined for others. */
export function jsonText(body: Buffer, contentType: string | undefined): string | undefined {
  const text = body.toString('utf8');
  if (!beginsObject(text)) return undefined;
  // YAML may be JSON; what begins so and has another type was read as JSON before.
  const isJson = !mediaType(contentType).endsWith('yaml') || readJsonText(text) !== undefined;
  return isJson ? text : undefined;
}

/** Undefined for what is no object in JSON. */
function readJsonText(text: string): unknown {
  if (!beginsObject(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // YAML in flow style begins alike.
    return undefined;
  }
}

function beginsObject(text: string): boolean {
  return /^\s*\{/.test(text.slice(0, 64));
}

const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What makes a number of JSON one that is not whole. */
const FRACTION: ReadonlySet<number> = new Set([0x2e, 0x45, 0x65]);

/** Whole numbers up to here are exact, whatever their digits are. */
const EXACT_DIGITS_MAX = 15;

/**
 * Refuses what a parser would get wrong: nesting that a recursive one does not survive (brackets outside of texts), and
 * whole numbers that would come out as others.
 */
function assertReadable(body: Buffer): void {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index] ?? 0;
    if (byte === BACKSLASH && isText) index += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (isText) continue;
    else if (isDigit(byte)) index = skipNumber(body, index);
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    if (depth > DEPTH_MAX) {
      throw badRequest(`the object is nested deeper than ${String(DEPTH_MAX)} levels`);
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The index of its last digit. */
function skipNumber(body: Buffer, start: number): number {
  let end = start;
  while (isDigit(body[end + 1] ?? 0)) end += 1;
  if (end - start < EXACT_DIGITS_MAX || FRACTION.has(body[end + 1] ?? 0)) return end;
  // Digits behind a point or an exponent belong to a number that is not whole.
  const before = body[start - 1] ?? 0;
  if (FRACTION.has(before) || (before === 0x2b && FRACTION.has(body[start - 2] ?? 0))) return end;
  const digits = body.toString('latin1', start, end + 1);
  if (digits.length > DIGITS_MAX || String(BigInt(Number(digits))) !== digits) {
    throw badRequest(
      `a whole number of the object cannot be kept exactly: ${digits.slice(0, DIGITS_MAX)}; numbers beyond 9007199254740991 are kept as text only`,
    );
  }
  return end;
}

/** Longer numbers are not even looked at. */
const DIGITS_MAX = 40;
