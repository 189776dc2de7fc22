/**
 * YAML inside a value of a ConfigMap. Only what JSON can say: no tags, few aliases, bounded size (T12). The
 * result is checked against a schema, and every problem names the key and the path inside the text.
 */
import type { z } from 'zod';
import type { FieldErrors } from '../field-errors.ts';
import { parseModestYaml } from '../modest-yaml.ts';
import { checkSchema } from '../schema/check.ts';
import type { ConfigMapData } from './decoded.ts';

/** Longest text that is parsed; a whole ConfigMap may have 1 MiB in Kubernetes. */
export const YAML_ENTRY_LENGTH_MAX = 1024 * 1024;

/** Most aliases resolved while the text is read; config maps have no use for more. */
const ALIASES_MAX = 20;

/** Path of a key of a ConfigMap. */
export function dataPath(key: string): string {
  return `data[${key}]`;
}

/** The text of a key; undefined when it is absent or blank. */
export function entryText(configMap: ConfigMapData, key: string): string | undefined {
  const data = configMap.data ?? {};
  const text = Object.hasOwn(data, key) ? data[key] : undefined;
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** The parser shows the place in the text below its message; the message names line and column. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

function parseYaml(text: string): { value: unknown } | { problem: string } {
  if (text.length > YAML_ENTRY_LENGTH_MAX) {
    return { problem: `expected at most ${String(YAML_ENTRY_LENGTH_MAX)} characters` };
  }
  try {
    return { value: parseModestYaml(text, ALIASES_MAX) };
  } catch (error) {
    return { problem: firstLine(error instanceof Error ? error.message : String(error)) };
  }
}

/** Reads and checks the YAML of one key; undefined after reporting what is wrong. */
export function readYamlEntry<T>(
  { key, text, schema }: { key: string; text: string; schema: z.ZodType<T> },
  errors: FieldErrors,
): T | undefined {
  const parsed = parseYaml(text);
  if ('problem' in parsed) {
    errors.add('invalid YAML', dataPath(key), parsed.problem);
    return undefined;
  }
  const checked = checkSchema(schema, parsed.value);
  errors.merge(checked.errors, dataPath(key));
  return checked.value;
}

/** Adds the problem that a key has no text. */
export function missingEntry(key: string, errors: FieldErrors): void {
  errors.missing(dataPath(key));
}
