/** What a table is made of: the answer's own shape, and how a kind makes its cells. */
import type { ApiObject } from '@afflux/resources';

/** One entry of `columnDefinitions`. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** Above 0: only with `-o wide`. */
  readonly priority: number;
}

/** Says to a client that a row may be left out, or greyed: Pods that are done. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The columns of a kind, and what stands in them. */
export interface Columns {
  readonly definitions: readonly ColumnDefinition[];
  /** One value per definition. Pure; must bear any object, also one that its kind would refuse. */
  cells(object: ApiObject, nowMs: number): unknown[];
  conditions?(object: ApiObject): readonly RowCondition[] | undefined;
}

/** A column of which only the name is out of the ordinary. */
export function textColumn(name: string, description: string, priority = 0): ColumnDefinition {
  return { name, type: 'string', format: '', description, priority };
}

/** The first column of every table. */
export function nameColumn(priority = 0): ColumnDefinition {
  return {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: 'Name of the object; unique for its kind within a namespace.',
    priority,
  };
}

/** How old the object is. */
export function ageColumn(): ColumnDefinition {
  return textColumn('Age', 'How long ago the object was created.');
}
