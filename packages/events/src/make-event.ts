/** Events made by a program: by tests, sources and the parts of Afflux that produce events of their own. */
import { attributeKey, CONTENT_TYPE_KEY } from './attribute-key.ts';
import { AttributeTable } from './attribute-table.ts';
import type { AttributeValue } from './attribute-value.ts';
import { valueBytes } from './attribute-value.ts';
import { CloudEvent, ownValue } from './cloud-event.ts';
import type { Problem } from './errors.ts';
import { EventsError } from './errors.ts';
import { mediaType } from './media-type.ts';
import type { SpecVersion } from './rules.ts';
import { isSpecVersion, REQUIRED_ATTRIBUTES, valueProblem } from './rules.ts';

/** What {@link makeEvent} takes. An optional attribute that is undefined is absent. */
export interface EventInput {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** Default `1.0`. */
  readonly specversion?: SpecVersion | undefined;
  /** Default: `application/json` when `data` is a JSON value, otherwise absent. */
  readonly datacontenttype?: string | undefined;
  readonly subject?: string | undefined;
  /** RFC 3339. There is no default: an event without a time has none. */
  readonly time?: string | undefined;
  readonly dataschema?: string | undefined;
  /**
   * Bytes are taken as they are and shared, not copied; a string is its UTF-8 bytes (so a JSON document may
   * be given as text); numbers, booleans, null, arrays and objects become JSON text.
   */
  readonly data?: Uint8Array | string | number | boolean | null | object | undefined;
  readonly extensions?: Readonly<Record<string, AttributeValue | undefined>> | undefined;
}

const CORE_INPUTS = [...REQUIRED_ATTRIBUTES, 'subject', 'time', 'dataschema'] as const;
const CORE_NAMES: ReadonlySet<string> = new Set([...CORE_INPUTS, 'datacontenttype']);

class Collector {
  readonly table = new AttributeTable();
  readonly problems: Problem[] = [];
  readonly #version: SpecVersion;

  constructor(version: SpecVersion) {
    this.#version = version;
  }

  add(name: string, value: AttributeValue): void {
    const key = attributeKey(name);
    const reason = key.problem ?? valueProblem(key, value, this.#version);
    if (reason === undefined) this.table.append(key, ownValue(value), undefined, valueBytes(value));
    else this.fail(name, reason);
  }

  fail(attribute: string, reason: string): void {
    this.problems.push({ attribute, reason });
  }
}

/** The data as bytes, and the content type that a JSON value implies. */
function dataBytes(
  data: EventInput['data'],
  declaredType: string | undefined,
  collector: Collector,
): Buffer | undefined {
  if (data === undefined) return undefined;
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof Uint8Array) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }
  if (declaredType !== undefined && mediaType(declaredType)?.isJson === false) {
    collector.fail('datacontenttype', 'is not JSON: give the data as bytes or as a string');
    return undefined;
  }
  return Buffer.from(JSON.stringify(data));
}

function isJsonValue(data: EventInput['data']): boolean {
  return data !== undefined && typeof data !== 'string' && !(data instanceof Uint8Array);
}

/**
 * Makes an event and checks every rule of the specification. Nothing is invented: no id, no time, and a
 * content type only for data given as a JSON value.
 *
 * @throws EventsError `AFFLUX_EVENTS_INVALID` listing every problem by attribute name.
 */
export function makeEvent(input: EventInput): CloudEvent {
  const version: unknown = input.specversion ?? '1.0';
  const collector = new Collector(isSpecVersion(version) ? version : '1.0');
  for (const name of CORE_INPUTS) {
    const value = name === 'specversion' ? (input.specversion ?? '1.0') : input[name];
    if (value !== undefined) collector.add(name, value);
    else if (name === 'id' || name === 'source' || name === 'type') {
      collector.fail(name, 'is missing: every event has one');
    }
  }
  const contentType =
    input.datacontenttype ?? (isJsonValue(input.data) ? 'application/json' : undefined);
  if (contentType !== undefined) collector.add(CONTENT_TYPE_KEY.name, contentType);
  for (const [name, value] of Object.entries(input.extensions ?? {})) {
    if (CORE_NAMES.has(name)) collector.fail(name, 'is not an extension: give it by its own field');
    else if (value !== undefined) collector.add(name, value);
  }
  const data = dataBytes(input.data, input.datacontenttype, collector);
  if (collector.problems.length > 0) {
    throw new EventsError('AFFLUX_EVENTS_INVALID', 400, collector.problems);
  }
  const hasData = data !== undefined && data.length > 0;
  return new CloudEvent(collector.table, hasData ? data : undefined, hasData ? 'bytes' : 'none');
}
