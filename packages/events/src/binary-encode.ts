/**
 * HTTP binary mode, outbound. The header list of an event is built once and kept with its attributes, so that
 * delivering one event to many subscribers costs nothing after the first. Nothing else than `ce-` headers
 * and `content-type` ever comes out, whatever way the event came in.
 */
import type { AttributeTable } from './attribute-table.ts';
import { canonicalText } from './attribute-value.ts';
import type { CloudEvent } from './cloud-event.ts';
import { tableOf } from './cloud-event.ts';
import type { EncodeOptions } from './encode-options.ts';
import { assertOmittable } from './encode-options.ts';
import { encodeHeaderValue } from './header-value.ts';
import type { HeaderEncoding } from './limits.ts';

/** A message in binary mode. Both parts are shared with the event and must not be written to. */
export interface BinaryMessage {
  /** Flat list `name, value, …`; names in lower case. */
  readonly headers: readonly string[];
  /** Undefined when there is nothing to send. */
  readonly body: Buffer | undefined;
}

function pushAttributes(
  headers: string[],
  table: AttributeTable,
  omit: string | undefined,
  encoding: HeaderEncoding,
): void {
  const { keys, values, raws } = table;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === undefined || value === undefined || key.name === omit) continue;
    // A media type is ASCII by its grammar and is not percent-encoded.
    const isLiteral = key.kind === 'datacontenttype';
    const text = raws[index] ?? canonicalText(value);
    const isReady = isLiteral || raws[index] !== undefined;
    headers.push(key.header, isReady ? text : encodeHeaderValue(text, encoding));
  }
}

function buildHeaders(
  event: CloudEvent,
  omit: string | undefined,
  encoding: HeaderEncoding,
): string[] {
  assertOmittable(omit);
  const table = tableOf(event);
  const headers: string[] = [];
  pushAttributes(headers, table, omit, encoding);
  // Structured JSON implies the type of its data; binary mode cannot, so it is said (JSON format §3.1.2).
  const isImplied = event.dataForm === 'json' && table.indexOf('datacontenttype') < 0;
  if (isImplied) headers.push('content-type', 'application/json');
  return headers;
}

/**
 * Writes an event in binary mode. Attributes keep their order of arrival. The result is cached for the last
 * options used with this event.
 */
export function encodeBinary(event: CloudEvent, options?: EncodeOptions): BinaryMessage {
  const table = tableOf(event);
  const omit = options?.omit;
  const headerEncoding = options?.headerEncoding ?? 'spec';
  let encoded = table.encoded;
  if (encoded?.omit !== omit || encoded?.headerEncoding !== headerEncoding) {
    encoded = { headers: buildHeaders(event, omit, headerEncoding), omit, headerEncoding };
    table.encoded = encoded;
  }
  const { data } = event;
  return { headers: encoded.headers, body: data?.length === 0 ? undefined : data };
}
