/**
 * Copies an untrusted value into plain JSON before a schema sees it. The copy shares nothing with the input,
 * has only ordinary objects and lists, and is bounded in depth and number of values, so that a cyclic or
 * deliberately huge value ends in a message instead of a stack overflow (T12).
 *
 * A `null` where the schema has a field means that the field is absent, as in Kubernetes. A `null` in a map,
 * a list or a free-form part stays, and the schema judges it.
 */
import { z } from 'zod';
import { FieldErrors, joinPath } from '../field-errors.ts';
import { foundWords } from './describe.ts';
import { isMap, layers, memberSchema } from './walk.ts';

/** Deepest nesting that is read. Kubernetes objects stay below 20. */
export const DECODE_DEPTH_MAX = 64;

/** Most values (objects, lists and scalars together) in one object. */
export const DECODE_VALUES_MAX = 200_000;

type Schema = z.core.$ZodType;

/** One step of the copy: where we are, what is expected there, how deep. */
interface Place {
  readonly path: string;
  readonly schema: Schema | undefined;
  readonly depth: number;
}

/** The text of one more path step below a schema. */
export function pathStep(path: string, schema: Schema | undefined, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${String(key)}]`;
  return isMap(schema) ? `${path}[${String(key)}]` : joinPath(path, String(key));
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Whether a null at this place means "absent" rather than a value. */
function nullMeansAbsent(schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  return !layers(schema).some((layer) => layer instanceof z.ZodUnknown);
}

/** What a copy came to. */
export interface PlainCopied {
  readonly copy: unknown;
  readonly errors: FieldErrors;
  /** False when the value exceeds the bounds (or is no object): the copy is not worth checking. */
  readonly isComplete: boolean;
  /** Paths of fields that no copy can have, where they may be dropped. */
  readonly unusable: readonly string[];
}

/** How values are copied. */
export interface CopyOptions {
  /** Whether messages may show values. */
  readonly mayShow: boolean;
  /** Whether fields that nobody can know are dropped rather than reported. */
  readonly mayDrop?: boolean;
}

class PlainCopier {
  readonly errors = new FieldErrors();
  readonly unusable: string[] = [];
  readonly #mayShow: boolean;
  readonly #mayDrop: boolean;
  #values = 0;
  #isTooLarge = false;

  constructor({ mayShow, mayDrop = false }: CopyOptions) {
    this.#mayShow = mayShow;
    this.#mayDrop = mayDrop;
  }

  get isComplete(): boolean {
    return !this.#isTooLarge;
  }

  copy(value: unknown, place: Place): unknown {
    if (this.#exceeds(place)) return null;
    if (Array.isArray(value)) return this.#copyList(value, place);
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.#refuse(place, 'a finite number', value);
      case 'object':
        if (value === null) return null;
        if (isPlainObject(value)) return this.#copyObject(value, place);
        return this.#refuse(place, 'a JSON value', value);
      default:
        return this.#refuse(place, 'a JSON value', value);
    }
  }

  #copyList(values: readonly unknown[], place: Place): unknown[] {
    return values.map((value, index) => this.copy(value, memberPlace(place, index)));
  }

  #copyObject(value: object, place: Place): object {
    const copy: Record<string, unknown> = {};
    const inMap = isMap(place.schema);
    for (const [key, member] of Object.entries(value)) {
      const below = memberPlace(place, key);
      if (key === '__proto__') {
        if (this.#mayDrop) this.unusable.push(below.path);
        else this.errors.add(`unknown field ${JSON.stringify(key)}`, below.path);
        continue;
      }
      if (member === undefined) continue;
      if (member === null && !inMap && nullMeansAbsent(below.schema)) continue;
      copy[key] = this.copy(member, below);
    }
    return copy;
  }

  #exceeds(place: Place): boolean {
    this.#values += 1;
    if (place.depth <= DECODE_DEPTH_MAX && this.#values <= DECODE_VALUES_MAX) return false;
    if (!this.#isTooLarge) {
      this.#isTooLarge = true;
      this.errors.add(
        place.depth > DECODE_DEPTH_MAX
          ? `nested deeper than ${String(DECODE_DEPTH_MAX)} levels`
          : `more than ${String(DECODE_VALUES_MAX)} values in one object`,
        place.path,
      );
    }
    return true;
  }

  /** Reports a value that is not JSON; what stands in the copy for it is never looked at. */
  #refuse(place: Place, expected: string, value: unknown): null {
    this.errors.add(`expected ${expected}, found ${foundWords(value, this.#mayShow)}`, place.path);
    return null;
  }
}

function memberPlace(place: Place, key: string | number): Place {
  return {
    path: pathStep(place.path, place.schema, key),
    schema: memberSchema(place.schema, key),
    depth: place.depth + 1,
  };
}

/** Copies an object for a schema; problems are collected, and what is wrong is left out of the copy. */
export function plainCopy(value: unknown, schema: Schema, options: CopyOptions): PlainCopied {
  const copier = new PlainCopier(options);
  const { errors, unusable } = copier;
  if (typeof value !== 'object' || value === null) {
    errors.add(`expected an object, found ${foundWords(value, options.mayShow)}`, '');
    return { copy: undefined, errors, unusable, isComplete: false };
  }
  const copy = copier.copy(value, { path: '', schema, depth: 0 });
  return { copy, errors, unusable, isComplete: copier.isComplete };
}
