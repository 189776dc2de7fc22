/** Fields at the top of an object under other names, in patches and in selectors. Pure. */
import { renamed, renameFields, type FieldNames } from '@afflux/resources';
import type { Patch, SelectorRequirement } from './resource-store.ts';

/** The same names the other way round. */
export function inverse(names: FieldNames): FieldNames {
  return Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]));
}

/** The first step of a path that is written with `separator`, or with JSON Pointer's slash before each step. */
function renamePath(path: string, names: FieldNames, separator: '.' | '/'): string {
  const steps = path.split(separator);
  const first = separator === '/' ? 1 : 0;
  return steps
    .map((step, index) => (index === first ? renamed(step, names) : step))
    .join(separator);
}

function renameOperation(operation: unknown, names: FieldNames): unknown {
  if (typeof operation !== 'object' || operation === null) return operation;
  const changed: Record<string, unknown> = { ...operation };
  for (const member of ['path', 'from']) {
    const pointer = changed[member];
    if (typeof pointer === 'string') changed[member] = renamePath(pointer, names, '/');
  }
  return changed;
}

/** What is malformed stays so, for whoever applies the patch to refuse. */
export function renamePatch(patch: Patch, names: FieldNames): Patch {
  const { body } = patch;
  if (typeof body !== 'object' || body === null) return patch;
  if (patch.type !== 'json') return { ...patch, body: renameFields(body, names) };
  if (!Array.isArray(body)) return patch;
  return { ...patch, body: body.map((operation) => renameOperation(operation, names)) };
}

/** Only what may be selected by is renamed. */
export function renameSelector(
  selector: readonly SelectorRequirement[],
  names: FieldNames,
  selectable: readonly string[],
): readonly SelectorRequirement[] {
  return selector.map(({ key, ...rest }) => ({
    ...rest,
    key: selectable.includes(key) ? renamePath(key, names, '.') : key,
  }));
}
