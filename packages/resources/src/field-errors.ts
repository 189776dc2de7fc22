/**
 * Problems of one object, collected rather than thrown, so that the author of a manifest sees all of them at
 * once. One problem has a message, the paths of the fields it concerns, and optional details.
 *
 * The text form is Knative's: problems with equal message and details merge, their paths sorted; the list is
 * sorted by message; one line `<message>: <path>, <path>` each, the details on the lines after it. Paths use
 * dots; indexes and keys glue on (`spec.filters[0].exact`).
 */

import type { FieldCause } from './field-cause.ts';

/** One problem; paths lead from the root of the object. */
export interface FieldProblem {
  readonly message: string;
  readonly paths: readonly string[];
  readonly details?: string;
  /** The same for machines, where the shape is wrong; `statusCauses` makes one where there is none. */
  readonly cause?: FieldCause;
}

/** Joins two path halves: `spec` + `broker` → `spec.broker`, `filters` + `[0]` → `filters[0]`. */
export function joinPath(parent: string, child: string): string {
  if (parent === '') return child;
  if (child === '') return parent;
  return child.startsWith('[') ? `${parent}${child}` : `${parent}.${child}`;
}

/** Longer values are cut in messages. */
const SHOWN_LENGTH_MAX = 120;

/** One line stays one line, whatever an author put into a value or a key. */
function oneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A growing list of problems. Not shared between objects; adding never throws. */
export class FieldErrors {
  readonly #problems: FieldProblem[] = [];

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  /** Adds one problem at one or more paths. */
  add(message: string, paths: string | readonly string[], details?: string): this {
    return this.addProblem({
      message,
      paths: typeof paths === 'string' ? [paths] : paths,
      ...(details === undefined ? {} : { details }),
    });
  }

  /** Adds one problem as it is, with its cause. */
  addProblem({ message, paths, details, cause }: FieldProblem): this {
    this.#problems.push({
      message: oneLine(message),
      paths: paths.map(oneLine),
      ...(details === undefined || details === '' ? {} : { details }),
      ...(cause === undefined ? {} : { cause }),
    });
    return this;
  }

  /** Adds everything of `other`, its paths moved below `prefix`. */
  merge(other: FieldErrors, prefix = ''): this {
    for (const problem of other.#problems) {
      this.addProblem({ ...problem, paths: problem.paths.map((path) => joinPath(prefix, path)) });
    }
    return this;
  }

  /** Adds `missing field(s)`. */
  missing(...paths: string[]): this {
    return this.add('missing field(s)', paths);
  }

  /** Adds `must not set the field(s)`. */
  disallowed(...paths: string[]): this {
    return this.add('must not set the field(s)', paths);
  }

  /** Adds `invalid value: <value>`. */
  invalidValue(value: string, path: string, details?: string): this {
    const shown = value.length <= SHOWN_LENGTH_MAX ? value : `${value.slice(0, SHOWN_LENGTH_MAX)}…`;
    return this.add(`invalid value: ${shown}`, path, details);
  }

  /** Adds `invalid key name "<key>"`. */
  invalidKey(key: string, path: string, details?: string): this {
    return this.add(`invalid key name ${JSON.stringify(key)}`, path, details);
  }

  /** Problems one by one, in the order in which they were added. */
  problems(): readonly FieldProblem[] {
    return [...this.#problems];
  }

  /** Problems merged and sorted as in the text form, for tools that point at fields. */
  entries(): FieldProblem[] {
    const merged = new Map<string, FieldProblem>();
    for (const { cause: _cause, ...problem } of this.#problems) {
      const key = JSON.stringify([problem.message, problem.details ?? '']);
      const paths = new Set([...(merged.get(key)?.paths ?? []), ...problem.paths]);
      merged.set(key, { ...problem, paths: [...paths].sort(byText) });
    }
    return [...merged.values()].sort(
      (left, right) =>
        byText(left.message, right.message) || byText(left.details ?? '', right.details ?? ''),
    );
  }

  toString(): string {
    return this.entries()
      .map(({ message, paths, details }) => {
        const line = `${message}: ${paths.join(', ')}`;
        return details === undefined ? line : `${line}\n${details}`;
      })
      .join('\n');
  }
}
