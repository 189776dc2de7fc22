/** Objects as JSON, YAML, names, by a template, or in columns of the user's. Pure. */
import { goJson, goText } from '@afflux/resources/text';
import { jsonPathText, jsonPathValues, type JsonPath } from './json-path.ts';
import { groupOf, objectWord, withoutManagedFields, type KubeObject } from './objects.ts';
import type { CustomColumn, OutputFormat } from './output-format.ts';
import { alignTabs, escaped, TABLE_TABS } from './tab-writer.ts';
import { yamlText } from './yaml-text.ts';

export interface PrintOptions {
  /** A single object that was asked for by name is printed by itself, everything else as a list. */
  readonly isSingle: boolean;
  readonly showManagedFields: boolean;
  readonly hasHeaders: boolean;
}

/** The text for objects in any form but a table of the server's. */
export function objectsText(
  format: Exclude<OutputFormat, { as: 'table' }>,
  objects: readonly KubeObject[],
  options: PrintOptions,
): string {
  switch (format.as) {
    case 'name':
      return objects.map(nameLine).join('');
    case 'json':
      return `${goJson(document(objects, options), 4)}\n`;
    case 'yaml':
      return yamlText(document(objects, options));
    case 'jsonpath':
      return templateText(format.path, objects, options);
    case 'columns':
      return columnsText(format.columns, objects, options);
  }
}

function nameLine({ apiVersion, kind, metadata }: KubeObject): string {
  return `${objectWord({ kind, group: groupOf(apiVersion) }, metadata.name ?? '')}\n`;
}

function document(objects: readonly KubeObject[], options: PrintOptions): unknown {
  const shown = options.showManagedFields ? objects : objects.map(withoutManagedFields);
  const [only] = shown;
  return options.isSingle && only !== undefined
    ? only
    : { apiVersion: 'v1', items: shown, kind: 'List', metadata: { resourceVersion: '' } };
}

function templateText(
  path: JsonPath,
  objects: readonly KubeObject[],
  options: PrintOptions,
): string {
  // A template sees managed fields: kubectl's does, too.
  return jsonPathText(path, document(objects, { ...options, showManagedFields: true }));
}

function columnsText(
  columns: readonly CustomColumn[],
  objects: readonly KubeObject[],
  { hasHeaders }: PrintOptions,
): string {
  const header = columns.map(({ title }) => title);
  const rows = objects.map((object) =>
    columns.map(({ path }) => {
      const values = jsonPathValues(path, object);
      return values.length === 0 ? '<none>' : escaped(values.map(goText).join(','));
    }),
  );
  const lines = [...(hasHeaders ? [header] : []), ...rows];
  return alignTabs(lines.map((cells) => `${cells.join('\t')}\n`).join(''), TABLE_TABS);
}
