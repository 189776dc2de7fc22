/**
 * Makes any value fit for a log line or a span: plain data, bounded in every direction, without secrets (T30).
 *
 * Secrets are found by structure: by the name of the key they stand under (also in flat header lists, where
 * the name is the element before), and in texts by their shape (redact-text.ts).
 *
 * Never throws, whatever it is given: getters that throw, cycles, graphs that unfold without end.
 */
import { AffluxError } from '@afflux/kernel';
import { REDACTED, redactText } from './redact-text.ts';

/** Nesting of one value, entries of one object or list, links of one chain of causes. */
const DEPTH_MAX = 6;
const ENTRIES_MAX = 100;
const CAUSES_MAX = 8;

/** Values and characters of one line in all. */
const NODES_MAX = 2000;
const LENGTH_MAX = 65_536;

/** Compared with keys in lower case and without separators: `X-Api-Key` is `xapikey`. */
const SECRET_KEY =
  /authorization|password|passwd|passphrase|secret|token|cookie|credential|apikey|privatekey|accesskey|accountkey|signature|connectionstring/;

/** Facts about secrets that are none: `secretName`, `tokenCount`. */
const NOT_SECRET_KEY = /(name|ref|kind|count|total|length|bytes|max|ms)$/;

function isSecretKey(key: string): boolean {
  const plain = key
    .slice(0, 200)
    .replace(/[^a-z0-9]/gi, '')
    .toLowerCase();
  return SECRET_KEY.test(plain) && !NOT_SECRET_KEY.test(plain);
}

/** Copies of fields, fit for a log line. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return new Copier().entries(fields, Object.keys(fields));
  } catch {
    return { unreadable: true };
  }
}

/** Copy of one value, as it may stand under `key`. */
export function redactValue(key: string, value: unknown): unknown {
  return new Copier().under(key, value);
}

/** Copies one line's values. It carries what is left of the line's bounds, so it is used once. */
class Copier {
  #nodesLeft = NODES_MAX;
  #lengthLeft = LENGTH_MAX;
  /** The objects that the current one stands in: for cycles, and for how deep we are. */
  #above: object[] = [];

  under(key: string, value: unknown): unknown {
    const isPlainFact = value === undefined || value === null || typeof value === 'boolean';
    return !isPlainFact && isSecretKey(key) ? REDACTED : this.#copy(value);
  }

  entries(value: object, keys: readonly string[]): Record<string, unknown> {
    const copied = Object.create(null) as Record<string, unknown>;
    for (const key of keys.slice(0, ENTRIES_MAX)) {
      copied[key.slice(0, 200)] = this.under(key, read(value, key));
    }
    if (keys.length > ENTRIES_MAX) copied['…'] = `${String(keys.length - ENTRIES_MAX)} more`;
    return copied;
  }

  #copy(value: unknown): unknown {
    this.#nodesLeft -= 1;
    if (this.#nodesLeft < 0) return '[more]';
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'bigint':
        return this.#text(String(value));
      case 'symbol':
      case 'function':
        return `[${typeof value}]`;
      case 'object':
        return value === null ? null : this.#object(value);
    }
  }

  #text(text: string): string {
    const clean = redactText(text);
    this.#lengthLeft -= clean.length;
    return this.#lengthLeft < 0 ? '[more]' : clean;
  }

  #object(value: object): unknown {
    if (this.#above.includes(value)) return '[circular]';
    if (this.#depth() >= DEPTH_MAX) return '[deep]';
    this.#above.push(value);
    try {
      return value instanceof Error ? this.#error(value) : this.#known(value);
    } catch {
      return '[unreadable]';
    } finally {
      this.#above.pop();
    }
  }

  /** How deep below the nearest error: a chain of causes is no nesting and has a bound of its own. */
  #depth(): number {
    return this.#above.length - 1 - this.#above.findLastIndex((outer) => outer instanceof Error);
  }

  #known(value: object): unknown {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${String(value.byteLength)} bytes]`;
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof URL || value instanceof RegExp) return this.#text(String(value));
    if (value instanceof Set) return this.#list([...value]);
    if (Array.isArray(value)) return this.#list(value);
    const plain = value instanceof Map ? (Object.fromEntries(value) as object) : value;
    return this.entries(plain, Object.keys(plain));
  }

  /** A flat header list (name, value, name, value) hides what stands after a secret name. */
  #list(list: readonly unknown[]): unknown[] {
    const copied = list.slice(0, ENTRIES_MAX).map((item, index) => {
      const before = list[index - 1];
      const isName = typeof before === 'string' && /^[\w-]{1,100}$/.test(before);
      return isName ? this.under(before, item) : this.#copy(item);
    });
    if (list.length > ENTRIES_MAX) copied.push(`… ${String(list.length - ENTRIES_MAX)} more`);
    return copied;
  }

  /**
   * Type, message, stack, the fields of an {@link AffluxError}, a system error's code, and what caused it. An
   * error that is the user's to mend has no stack: where it was noticed says nothing.
   */
  #error(error: Error): unknown {
    if (this.#above.filter((outer) => outer instanceof Error).length > CAUSES_MAX) return '[more]';
    const { stack, cause } = error;
    const afflux = error instanceof AffluxError ? error : undefined;
    const code = read(error, 'code');
    return {
      type: this.#copy(error.name),
      message: this.#copy(error.message),
      ...((typeof code === 'string' || typeof code === 'number') && { code: this.#copy(code) }),
      ...(afflux && { fault: afflux.fault, retryable: afflux.retryable }),
      ...(afflux &&
        Object.keys(afflux.details).length > 0 && { details: this.#copy(afflux.details) }),
      ...(afflux?.fault !== 'user' && stack !== undefined && { stack: this.#text(stack) }),
      ...(cause !== undefined && { cause: this.#copy(cause) }),
      ...(error instanceof AggregateError && { errors: this.#copy(error.errors) }),
    };
  }
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]';
  }
}
