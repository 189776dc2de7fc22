/**
 * HTTP binary mode, inbound: attributes in `ce-` headers and `Content-Type`, data in the body.
 *
 * This is the hot path. One pass over the raw headers fills the table; names resolve through a cache; values
 * that decoding would not change are recognised by one look at their characters. The rules that need to know
 * `specversion`, which may come last, run over the few core attributes afterwards.
 */
import type { AttributeKey } from './attribute-key.ts';
import { CONTENT_TYPE_KEY, headerKey } from './attribute-key.ts';
import { AttributeTable } from './attribute-table.ts';
import { CloudEvent } from './cloud-event.ts';
import type { Problem } from './errors.ts';
import { EventsError, note } from './errors.ts';
import { decodeHeaderValue, isPlainHeader, resendable, trimmed } from './header-value.ts';
import type { DecodeSettings, HeaderEncoding } from './limits.ts';
import { isAttributeHeader, isContentType } from './message-headers.ts';
import type { SpecVersion } from './rules.ts';
import {
  attributesProblem,
  isAbsentWhenEmpty,
  isSpecVersion,
  kindIn,
  REQUIRED_ATTRIBUTES,
  SHOWN_NAME_LENGTH_MAX,
  textProblem,
} from './rules.ts';

function readAttribute(
  table: AttributeTable,
  key: AttributeKey,
  raw: string,
  encoding: HeaderEncoding,
): Problem | undefined {
  if (key.problem !== undefined) {
    return { attribute: key.name.slice(0, SHOWN_NAME_LENGTH_MAX), reason: key.problem };
  }
  if (table.indexOf(key.name) >= 0) {
    return { attribute: key.name, reason: 'is sent more than once: send one header' };
  }
  if (isPlainHeader(raw)) {
    table.append(key, raw, raw, raw.length);
    return undefined;
  }
  const sent = trimmed(raw);
  const decoded = decodeHeaderValue(sent, encoding);
  // The name is taken even so: a second header of the same name is still one too many.
  const again = encoding === 'spec' ? resendable(sent) : sent;
  table.append(key, decoded.text, again, Buffer.byteLength(decoded.text));
  if (decoded.reason === undefined) return undefined;
  return { attribute: key.name, reason: decoded.reason };
}

/** Fills the table in order of arrival. `type` is the content type, already found; '' when there is none. */
function readHeaders(
  table: AttributeTable,
  rawHeaders: readonly string[],
  type: string,
  encoding: HeaderEncoding,
): Problem[] {
  const problems: Problem[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (isAttributeHeader(name)) {
      const problem = readAttribute(table, headerKey(name), rawHeaders[index + 1] ?? '', encoding);
      if (problem !== undefined) note(problems, problem);
    } else if (type !== '' && isContentType(name) && table.indexOf('datacontenttype') < 0) {
      table.append(CONTENT_TYPE_KEY, type, type, type.length);
    }
  }
  return problems;
}

/**
 * What is wrong with the core attribute at a position. Senders that do not percent-encode mean the escapes
 * of a URI literally: when only the raw text is a URI, the raw text is the value.
 */
function coreProblem(
  table: AttributeTable,
  index: number,
  version: SpecVersion,
): string | undefined {
  const key = table.keys[index];
  const value = table.values[index];
  if (key === undefined || typeof value !== 'string') return undefined;
  const kind = kindIn(key.kind, version);
  if (value === '') return kind === 'extension' ? undefined : 'must not be empty';
  const reason = textProblem(kind, value);
  if (reason === undefined) return undefined;
  const raw = table.raws[index];
  const isUriKind = kind === 'source' || kind === 'dataschema' || kind === 'schemaurl';
  if (!isUriKind || raw === undefined || textProblem(kind, raw) !== undefined) return reason;
  table.takeRaw(index, raw);
  return undefined;
}

/** Optional core attributes that arrived empty count as absent and are not forwarded. */
function dropEmpty(table: AttributeTable, version: SpecVersion): void {
  for (let index = table.keys.length - 1; index >= 0; index--) {
    const key = table.keys[index];
    if (key === undefined || table.values[index] !== '') continue;
    if (isAbsentWhenEmpty(kindIn(key.kind, version))) table.delete(key.name);
  }
}

function isRefused(problems: readonly Problem[], name: string): boolean {
  return problems.length > 0 && problems.some((problem) => problem.attribute === name);
}

function checkRules(table: AttributeTable, problems: Problem[]): void {
  const declared = table.find('specversion');
  const version = isSpecVersion(declared) ? declared : '1.0';
  dropEmpty(table, version);
  for (let index = 0; index < table.keys.length; index++) {
    const key = table.keys[index];
    if (key === undefined || key.kind === 'extension' || isRefused(problems, key.name)) continue;
    const reason = coreProblem(table, index, version);
    if (reason !== undefined) note(problems, { attribute: key.name, reason });
  }
  for (const name of REQUIRED_ATTRIBUTES) {
    if (table.indexOf(name) >= 0) continue;
    note(problems, { attribute: name, reason: `is missing: send it in the header ce-${name}` });
  }
}

/**
 * Reads a binary-mode event.
 *
 * @throws EventsError `AFFLUX_EVENTS_INVALID` with every problem, `AFFLUX_EVENTS_NOT_AN_EVENT` when there is
 * no attribute header at all, `AFFLUX_EVENTS_TOO_LARGE` when the attributes exceed their limit.
 */
export function decodeBinary(
  rawHeaders: readonly string[],
  type: string,
  body: Buffer,
  settings: DecodeSettings,
): CloudEvent {
  const table = new AttributeTable();
  const problems = readHeaders(table, rawHeaders, type, settings.headerEncoding);
  if (table.bytes > settings.attributesBytesMax) {
    throw new EventsError('AFFLUX_EVENTS_TOO_LARGE', 431, [
      attributesProblem(settings.attributesBytesMax),
    ]);
  }
  checkRules(table, problems);
  if (problems.length > 0) {
    const isMeantAsEvent = rawHeaders.some((name, at) => at % 2 === 0 && isAttributeHeader(name));
    const code = isMeantAsEvent ? 'AFFLUX_EVENTS_INVALID' : 'AFFLUX_EVENTS_NOT_AN_EVENT';
    throw new EventsError(code, 400, problems);
  }
  if (body.length === 0) return new CloudEvent(table, undefined, 'none');
  return new CloudEvent(table, body, 'bytes');
}
