/**
 * The event: attributes plus untouched body bytes.
 *
 * - *attribute*: a named, typed fact about the event (`type`, `subject`, any extension).
 * - *data*: the bytes that HTTP binary mode would carry. Never parsed, re-encoded or copied on the way
 *   through; the event shares them with whatever it was read from.
 * - *raw value*: the header text an attribute arrived in. It leaves again as it came as long as the
 *   attribute is not changed, because many senders neither encode nor decode header values.
 *
 * Events are immutable. There is one class and every event has the same shape, so that the code which reads
 * attributes for thousands of filters stays monomorphic.
 */
import type { TraceContext } from '@afflux/kernel';
import { attributeKey } from './attribute-key.ts';
import type { AttributeTable } from './attribute-table.ts';
import type { AttributeValue } from './attribute-value.ts';
import { canonicalText } from './attribute-value.ts';
import type { Problem } from './errors.ts';
import { EventsError } from './errors.ts';
import type { SpecVersion } from './rules.ts';
import { valueProblem } from './rules.ts';

/**
 * How the data arrived in structured JSON: as a JSON value, as a string of text, or in base64; `bytes` also
 * stands for every body of a binary-mode message. `none`: there is no data.
 */
export type DataForm = 'none' | 'bytes' | 'json' | 'text';

/**
 * What came with an event beside its attributes and goes on with it to whoever receives it: headers that may
 * travel, and the trace it belongs to. No part of the event: filters do not see it and it is not compared.
 */
export interface Carried {
  /** Flat list of header names and values. */
  readonly passthrough?: readonly string[] | undefined;
  readonly trace?: TraceContext | undefined;
}

function requiredText(table: AttributeTable, name: string): string {
  const value = table.find(name);
  if (typeof value !== 'string') throw new TypeError(`an event without ${name} was constructed`);
  return value;
}

/** Package-internal access to an event's table; assigned by the class, not exported from the package. */
let readTable: (event: CloudEvent) => AttributeTable;

export class CloudEvent {
  readonly specversion: SpecVersion;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /**
   * The bytes that binary mode would carry; undefined when there is no data. Shared, not copied: nobody may
   * write to them. Empty bytes only arrive in structured mode (`"data_base64": ""`).
   */
  readonly data: Buffer | undefined;
  readonly dataForm: DataForm;
  /** Data plus names and values of the attributes, in bytes: what queues account for. */
  readonly sizeBytes: number;
  /** Undefined for most events: there was nothing to carry. */
  readonly carried: Carried | undefined;
  readonly #table: AttributeTable;
  #names: readonly string[] | undefined;

  static {
    readTable = (event) => event.#table;
  }

  /** @internal Events are made by `makeEvent` and the decoders, which have checked every rule. */
  constructor(
    table: AttributeTable,
    data: Buffer | undefined,
    dataForm: DataForm,
    carried?: Carried,
  ) {
    this.specversion = requiredText(table, 'specversion') === '0.3' ? '0.3' : '1.0';
    this.id = requiredText(table, 'id');
    this.source = requiredText(table, 'source');
    this.type = requiredText(table, 'type');
    this.data = data;
    this.dataForm = dataForm;
    this.sizeBytes = table.bytes + (data === undefined ? 0 : data.length);
    this.carried = carried;
    this.#table = table;
    this.#names = undefined;
  }

  /** The decoded value, typed as far as the input said; undefined when the attribute is absent. */
  get(name: string): AttributeValue | undefined {
    switch (name) {
      case 'type':
        return this.type;
      case 'source':
        return this.source;
      case 'id':
        return this.id;
      case 'specversion':
        return this.specversion;
      default:
        return this.#table.find(name);
    }
  }

  /** The value in its canonical string form, which is what filters compare; undefined when absent. */
  getText(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === 'string' || value === undefined ? value : canonicalText(value);
  }

  /** Names of the attributes present, in order of arrival; `data` is not among them. */
  names(): readonly string[] {
    this.#names ??= Object.freeze(this.#table.keys.map((key) => key.name));
    return this.#names;
  }

  /**
   * A new event with these attributes set, or removed where the value is undefined. It shares the data and
   * the raw header values of the attributes that are not named. The data stays as it is whatever happens to
   * `datacontenttype`.
   *
   * @throws EventsError `AFFLUX_EVENTS_INVALID` naming every attribute that would break a rule; the required
   * ones cannot be removed and `specversion` cannot be changed.
   */
  with(changes: Readonly<Record<string, AttributeValue | undefined>>): CloudEvent {
    const table = this.#table.copy();
    let dataForm = this.dataForm;
    const problems: Problem[] = [];
    for (const name of Object.keys(changes)) {
      const value = changes[name];
      const reason = changeProblem(this, name, value);
      if (reason !== undefined) problems.push({ attribute: name, reason });
      else if (value === undefined) table.delete(name);
      else table.set(attributeKey(name), ownValue(value));
      if (name === 'datacontenttype' && dataForm !== 'none') {
        // What the bytes mean has changed: whether they are JSON or text is looked at again.
        dataForm = 'bytes';
        table.carrier = undefined;
      }
    }
    if (problems.length > 0) throw new EventsError('AFFLUX_EVENTS_INVALID', 400, problems);
    return new CloudEvent(table, this.data, dataForm, this.carried);
  }

  /** The same event with something to carry; `undefined` takes it off. Attributes and data are shared. */
  carrying(carried: Carried | undefined): CloudEvent {
    return new CloudEvent(this.#table, this.data, this.dataForm, carried);
  }
}

function changeProblem(
  event: CloudEvent,
  name: string,
  value: AttributeValue | undefined,
): string | undefined {
  const key = attributeKey(name);
  if (key.problem !== undefined) return key.problem;
  if (key.kind === 'specversion' && value !== event.specversion) return 'cannot be changed';
  if (value !== undefined) return valueProblem(key, value, event.specversion);
  const isRequired = name === 'id' || name === 'source' || name === 'type';
  return isRequired ? 'cannot be removed: every event has one' : undefined;
}

/** Binary values are copied so that the event stays immutable; a negative zero is the integer 0. */
export function ownValue(value: AttributeValue): AttributeValue {
  if (typeof value === 'object') return value.slice();
  return value === 0 ? 0 : value;
}

/** For the codecs of this package: the table is read, never written, except for what is cached in it. */
export function tableOf(event: CloudEvent): AttributeTable {
  return readTable(event);
}
