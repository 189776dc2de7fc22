/**
 * HTTP structured and batched mode with the JSON format, outbound. The data goes into the envelope as the
 * bytes it is wherever they are JSON already; it is checked, but neither parsed nor written anew. What is
 * neither JSON nor text travels in base64, and so does what only claims to be JSON.
 */
import { isUtf8 } from 'node:buffer';
import type { AttributeTable, DataCarrier } from './attribute-table.ts';
import { canonicalText } from './attribute-value.ts';
import { decodeBase64 } from './base64.ts';
import type { CloudEvent } from './cloud-event.ts';
import { tableOf } from './cloud-event.ts';
import type { EncodeOptions } from './encode-options.ts';
import { assertOmittable } from './encode-options.ts';
import { EventsError } from './errors.ts';
import { isWellFormedJson } from './json-scanner.ts';
import { LIMITS } from './limits.ts';
import { BATCH_MEDIA_TYPE, EVENT_MEDIA_TYPE, mediaType } from './media-type.ts';

/** A message whose body holds everything. */
export interface StructuredMessage {
  /** Flat list `name, value`: the content type and nothing else. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const EVENT_HEADERS: readonly string[] = Object.freeze(['content-type', EVENT_MEDIA_TYPE]);
const BATCH_HEADERS: readonly string[] = Object.freeze(['content-type', BATCH_MEDIA_TYPE]);

const CLOSE = Buffer.from('}');
const COMMA = Buffer.from(',');
const OPEN_ARRAY = Buffer.from('[');
const CLOSE_ARRAY = Buffer.from(']');

function saysBase64(event: CloudEvent): boolean {
  return event.specversion === '0.3' && event.get('datacontentencoding') !== undefined;
}

function chooseCarrier(event: CloudEvent, data: Buffer): DataCarrier {
  if (event.dataForm === 'json') return 'json';
  if (saysBase64(event)) return decodeBase64(data) === undefined ? 'base64' : 'text';
  const declared = event.getText('datacontenttype');
  const type = declared === undefined ? undefined : mediaType(declared);
  if (type?.isUtf8 !== true) return 'base64';
  if (type.isJson) return isWellFormedJson(data, LIMITS.jsonDepthMax) ? 'json' : 'base64';
  const isText = type.isText || event.dataForm === 'text';
  return isText && isUtf8(data) ? 'text' : 'base64';
}

/** Looking through the data is the expensive part, so the verdict is kept. */
function carrierOf(event: CloudEvent, table: AttributeTable): DataCarrier {
  if (event.data === undefined) return 'none';
  table.carrier ??= chooseCarrier(event, event.data);
  return table.carrier;
}

function jsonValue(value: string | number | boolean | Uint8Array): string {
  return JSON.stringify(typeof value === 'object' ? canonicalText(value) : value);
}

/** `{"specversion":"1.0",…` without the data and the closing brace. Names need no escapes. */
function head(table: AttributeTable, omit: string | undefined): string {
  const { keys, values } = table;
  let text = '';
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const value = values[index];
    if (key === undefined || value === undefined || key.name === omit) continue;
    text += `${text === '' ? '{' : ','}"${key.name}":${jsonValue(value)}`;
  }
  return text;
}

function base64Member(event: CloudEvent, data: Buffer): string {
  const text = data.toString('base64');
  if (event.specversion === '1.0') return `,"data_base64":"${text}"}`;
  const encoding = saysBase64(event) ? '' : ',"datacontentencoding":"base64"';
  return `${encoding},"data":"${text}"}`;
}

/** The parts of the event's JSON text, in order. */
function envelopeParts(event: CloudEvent, options: EncodeOptions | undefined): Buffer[] {
  assertOmittable(options?.omit);
  const table = tableOf(event);
  const start = head(table, options?.omit);
  const data = event.data ?? CLOSE;
  switch (carrierOf(event, table)) {
    case 'none':
      return [Buffer.from(`${start}}`)];
    case 'json':
      return [Buffer.from(`${start},"data":`), data, CLOSE];
    case 'text':
      return [Buffer.from(`${start},"data":${JSON.stringify(data.toString('utf8'))}}`)];
    case 'base64':
      return [Buffer.from(start + base64Member(event, data))];
  }
}

/** Writes an event in structured mode, its attributes in order of arrival. Not cached. */
export function encodeStructured(event: CloudEvent, options?: EncodeOptions): StructuredMessage {
  return { headers: EVENT_HEADERS, body: Buffer.concat(envelopeParts(event, options)) };
}

/**
 * Writes events as one batch. Never send one to somebody who has not asked for batches.
 *
 * @throws EventsError `AFFLUX_EVENTS_INVALID` when the events are not all of one `specversion`.
 */
export function encodeBatch(
  events: readonly CloudEvent[],
  options?: EncodeOptions,
): StructuredMessage {
  const parts: Buffer[] = [OPEN_ARRAY];
  events.forEach((event, index) => {
    if (event.specversion !== events[0]?.specversion) {
      const reason = 'differs within the batch: write one batch for each version';
      throw new EventsError('AFFLUX_EVENTS_INVALID', 400, [
        { attribute: 'specversion', index, reason },
      ]);
    }
    if (index > 0) parts.push(COMMA);
    parts.push(...envelopeParts(event, options));
  });
  parts.push(CLOSE_ARRAY);
  return { headers: BATCH_HEADERS, body: Buffer.concat(parts) };
}
