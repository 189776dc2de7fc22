/**
 * HTTP structured and batched mode with the JSON format, inbound. The body alone says what the event is:
 * `ce-` headers beside it are ignored, as the specification wants.
 *
 * A batch is taken whole or not at all: every element is read and checked before one event is returned.
 */
import { isUtf8 } from 'node:buffer';
import { attributeKey } from './attribute-key.ts';
import { AttributeTable } from './attribute-table.ts';
import type { AttributeValue } from './attribute-value.ts';
import { valueBytes } from './attribute-value.ts';
import { CloudEvent, ownValue } from './cloud-event.ts';
import type { Envelope } from './envelope.ts';
import { readEnvelope } from './envelope.ts';
import type { Problem } from './errors.ts';
import { EventsError, note } from './errors.ts';
import { END, JsonError, JsonScanner, OPEN_ARRAY, OPEN_OBJECT } from './json-scanner.ts';
import type { DecodeSettings } from './limits.ts';
import { mediaType } from './media-type.ts';
import type { SpecVersion } from './rules.ts';
import {
  isAbsentWhenEmpty,
  isSpecVersion,
  kindIn,
  REQUIRED_ATTRIBUTES,
  valueProblem,
} from './rules.ts';
import { readData } from './structured-data.ts';

const BODY = '(body)';

class EventReader {
  readonly scanner: JsonScanner;
  readonly #settings: DecodeSettings;
  readonly problems: Problem[] = [];
  /** Position in the batch, undefined outside one. */
  index: number | undefined;

  constructor(body: Buffer, settings: DecodeSettings) {
    this.scanner = new JsonScanner(body, settings.jsonDepthMax);
    this.#settings = settings;
  }

  fail(attribute: string, reason: string): void {
    const { index } = this;
    note(this.problems, index === undefined ? { attribute, reason } : { attribute, index, reason });
  }

  /** The event at the scanner's position, or undefined when there are problems. */
  read(): CloudEvent | undefined {
    const first = this.scanner.peek();
    if (first === END) throw new JsonError('is empty: send the event as a JSON object');
    if (first !== OPEN_OBJECT) {
      this.scanner.skipValue();
      this.fail(BODY, 'is not a JSON object: send one event as an object');
      return undefined;
    }
    const problemsBefore = this.problems.length;
    const envelope = readEnvelope(this.scanner, this.#settings.attributesBytesMax);
    for (const { attribute, reason } of envelope.problems) this.fail(attribute, reason);
    const declared = envelope.attributes.get('specversion');
    const version = isSpecVersion(declared) ? declared : '1.0';
    const table = this.#table(envelope.attributes, version);
    this.#checkRequired(envelope);
    const { data, form } = this.#data(envelope, table, version);
    if (this.problems.length > problemsBefore) return undefined;
    return new CloudEvent(table, data, form);
  }

  #table(attributes: ReadonlyMap<string, AttributeValue>, version: SpecVersion): AttributeTable {
    const table = new AttributeTable();
    for (const [name, value] of attributes) {
      const key = attributeKey(name);
      if (value === '' && isAbsentWhenEmpty(kindIn(key.kind, version))) continue;
      const reason = valueProblem(key, value, version);
      if (reason === undefined) table.append(key, ownValue(value), undefined, valueBytes(value));
      else this.fail(name, reason);
    }
    return table;
  }

  #checkRequired({ attributes, problems }: Envelope): void {
    for (const name of REQUIRED_ATTRIBUTES) {
      const isRefused = problems.some((problem) => problem.attribute === name);
      if (!attributes.has(name) && !isRefused)
        this.fail(name, 'is missing: add this member to the object');
    }
  }

  #data(envelope: Envelope, table: AttributeTable, version: SpecVersion) {
    const type = table.find('datacontenttype');
    const found = readData(this.scanner, envelope, {
      version,
      type: typeof type === 'string' ? mediaType(type) : undefined,
      isBase64Text: version === '0.3' && table.indexOf('datacontentencoding') >= 0,
    });
    if (found.problem !== undefined) this.fail(found.problem.attribute, found.problem.reason);
    return found;
  }
}

/** Runs a reader over the body and turns what the scanner refuses into a problem of the body. */
function readBody<T>(body: Buffer, settings: DecodeSettings, read: (reader: EventReader) => T): T {
  const reader = new EventReader(body, settings);
  try {
    if (!isUtf8(body)) throw new JsonError('is not valid UTF-8');
    const result = read(reader);
    reader.scanner.expectEnd();
    if (reader.problems.length === 0) return result;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    reader.fail(BODY, error.message);
  }
  throw new EventsError('AFFLUX_EVENTS_INVALID', 400, reader.problems);
}

/**
 * Reads a structured-mode body.
 *
 * @throws EventsError `AFFLUX_EVENTS_INVALID` with every problem, `AFFLUX_EVENTS_TOO_LARGE`.
 */
export function decodeStructured(body: Buffer, settings: DecodeSettings): CloudEvent[] {
  return readBody(body, settings, (reader) => {
    const event = reader.read();
    return event === undefined ? [] : [event];
  });
}

function checkVersions(reader: EventReader, events: readonly CloudEvent[]): void {
  events.forEach((event, index) => {
    reader.index = index;
    if (event.specversion === events[0]?.specversion) return;
    reader.fail('specversion', 'differs within the batch: send one batch for each version');
  });
}

/**
 * Reads a batched-mode body: all events, or an error that names each bad one by its position.
 *
 * @throws EventsError `AFFLUX_EVENTS_INVALID`, `AFFLUX_EVENTS_TOO_LARGE`.
 */
export function decodeBatch(body: Buffer, settings: DecodeSettings): CloudEvent[] {
  return readBody(body, settings, (reader) => {
    if (reader.scanner.peek() !== OPEN_ARRAY) {
      throw new JsonError('is not a JSON array: send a batch as an array of events');
    }
    const events: CloudEvent[] = [];
    reader.scanner.readArray((index) => {
      if (index >= settings.batchEventsMax) throw tooManyEvents(settings.batchEventsMax);
      reader.index = index;
      const event = reader.read();
      if (event !== undefined) events.push(event);
    });
    if (reader.problems.length === 0) checkVersions(reader, events);
    reader.index = undefined;
    return events;
  });
}

function tooManyEvents(eventsMax: number): EventsError {
  const reason = `holds more than ${String(eventsMax)} events: send smaller batches`;
  return new EventsError('AFFLUX_EVENTS_TOO_LARGE', 413, [{ attribute: BODY, reason }]);
}
