/**
 * The attributes of one event, in order of arrival, as parallel arrays: cheaper to fill, scan and copy than
 * a Map, and events have few attributes. Beyond `LINEAR_MAX` names an index is built on first use, so that a
 * sender of thousands of attributes gains nothing.
 *
 * A table is filled by whoever makes an event, then handed to it and never changed again; `copy` starts the
 * next one. It also keeps what was derived from it (`headers`, `carrier`), which is why both live here:
 * they are right for exactly these attributes.
 */
import type { AttributeKey } from './attribute-key.ts';
import type { AttributeValue } from './attribute-value.ts';
import { valueBytes } from './attribute-value.ts';
import type { HeaderEncoding } from './limits.ts';

/** Up to this many attributes a scan is as quick as a look-up. */
const LINEAR_MAX = 24;

/** Binary-mode headers as they were last built, with what they were built for. */
export interface EncodedHeaders {
  readonly headers: readonly string[];
  readonly omit: string | undefined;
  readonly headerEncoding: HeaderEncoding;
}

/** Which JSON member carries the data in structured mode, and whether as a value, a string or base64. */
export type DataCarrier = 'none' | 'json' | 'text' | 'base64';

export class AttributeTable {
  readonly keys: AttributeKey[];
  readonly values: AttributeValue[];
  /** The header text to send again; undefined where there was none and the value must be encoded. */
  readonly raws: (string | undefined)[];
  /** Names and values, see `valueBytes`. */
  bytes: number;
  encoded: EncodedHeaders | undefined;
  carrier: DataCarrier | undefined;
  #index: Map<string, number> | undefined;

  constructor(
    keys: AttributeKey[] = [],
    values: AttributeValue[] = [],
    raws: (string | undefined)[] = [],
    bytes = 0,
  ) {
    this.keys = keys;
    this.values = values;
    this.raws = raws;
    this.bytes = bytes;
    this.encoded = undefined;
    this.carrier = undefined;
    this.#index = undefined;
  }

  copy(): AttributeTable {
    const { keys, values, raws, bytes } = this;
    const table = new AttributeTable(keys.slice(), values.slice(), raws.slice(), bytes);
    table.carrier = this.carrier;
    return table;
  }

  /** Position of the attribute, -1 when it is absent. */
  indexOf(name: string): number {
    const { keys } = this;
    if (keys.length > LINEAR_MAX) return this.#indexed().get(name) ?? -1;
    for (let index = 0; index < keys.length; index++) {
      if (keys[index]?.name === name) return index;
    }
    return -1;
  }

  /** The value of the attribute, undefined when it is absent. */
  find(name: string): AttributeValue | undefined {
    const index = this.indexOf(name);
    return index < 0 ? undefined : this.values[index];
  }

  /** The caller knows that the name is not there yet, and the value's size. */
  append(key: AttributeKey, value: AttributeValue, raw: string | undefined, size: number): void {
    this.#index?.set(key.name, this.keys.length);
    this.keys.push(key);
    this.values.push(value);
    this.raws.push(raw);
    this.bytes += key.name.length + size;
  }

  /** Replaces in place, or appends. */
  set(key: AttributeKey, value: AttributeValue): void {
    const index = this.indexOf(key.name);
    const old = index < 0 ? undefined : this.values[index];
    if (old === undefined) {
      this.append(key, value, undefined, valueBytes(value));
      return;
    }
    this.values[index] = value;
    this.raws[index] = undefined;
    this.bytes += valueBytes(value) - valueBytes(old);
  }

  /** Makes the raw text the value; the raw text stays what is sent again. */
  takeRaw(index: number, raw: string): void {
    this.bytes += raw.length - valueBytes(this.values[index] ?? '');
    this.values[index] = raw;
  }

  delete(name: string): void {
    const index = this.indexOf(name);
    const old = index < 0 ? undefined : this.values[index];
    if (old === undefined) return;
    this.keys.splice(index, 1);
    this.values.splice(index, 1);
    this.raws.splice(index, 1);
    this.bytes -= name.length + valueBytes(old);
    this.#index = undefined;
  }

  #indexed(): Map<string, number> {
    if (this.#index !== undefined) return this.#index;
    const index = new Map<string, number>();
    for (let at = 0; at < this.keys.length; at++) {
      const key = this.keys[at];
      if (key !== undefined) index.set(key.name, at);
    }
    this.#index = index;
    return index;
  }
}
