/** Fields at the top of an object under other names. Pure. */

/** From one name to the other; what is not in it keeps its name. */
export type FieldNames = Readonly<Record<string, string>>;

export function renamed(name: string, names: FieldNames): string {
  return Object.hasOwn(names, name) ? (names[name] ?? name) : name;
}

/** A copy of the object; what is in its fields is shared. */
export function renameFields<T extends object>(object: T, names: FieldNames): T {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [renamed(name, names), value as unknown]),
  ) as T;
}
