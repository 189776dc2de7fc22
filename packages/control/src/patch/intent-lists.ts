/**
 * The lists of an intent must be what the schema calls them: every item of a map has its keys, no item of a set is
 * an object, none comes twice. Anything else cannot be merged.
 */
import { isRecord } from '@afflux/resources';
import type { MergeSchema } from '../store/resource-store.ts';
import { fieldSchema, isAtomicList, itemElements } from './field-rules.ts';
import { displayElement, fieldElement } from './path-element.ts';

/** The first problem with its path (`.spec.ports: element 0: …`), or undefined. */
export function listProblem(
  value: unknown,
  schema: MergeSchema | undefined,
  path = '',
): string | undefined {
  if (isRecord(value)) {
    for (const [name, child] of Object.entries(value)) {
      const at = path + displayElement(fieldElement(name));
      const problem = listProblem(child, fieldSchema(schema, name), at);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (!Array.isArray(value) || isAtomicList(schema)) return undefined;
  return itemProblem(value, schema, path);
}

function itemProblem(
  list: readonly unknown[],
  schema: MergeSchema | undefined,
  path: string,
): string | undefined {
  const elements = itemElements(list, schema);
  if (typeof elements === 'string') return `${path}: ${elements}`;
  const seen = new Set<string>();
  for (const [index, element] of elements.entries()) {
    const shown = displayElement(element);
    if (seen.has(element)) return `${path}: duplicate entries for key ${shown}`;
    seen.add(element);
    const problem = listProblem(list[index], schema?.items, path + shown);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
