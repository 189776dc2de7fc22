/** Plain entries of a config map: text, whole numbers, lists. Every problem names the key. */
import type { FieldErrors } from '../field-errors.ts';
import type { ConfigMapData } from './decoded.ts';
import { dataPath, entryText } from './yaml-entry.ts';

/** A text without blanks around it; undefined when it is absent or blank. */
export function textEntry(configMap: ConfigMapData, key: string): string | undefined {
  return entryText(configMap, key)?.trim();
}

/** A whole number above zero; undefined when absent, or after reporting what is wrong. */
export function countEntry(
  configMap: ConfigMapData,
  { key, max }: { readonly key: string; readonly max: number },
  errors: FieldErrors,
): number | undefined {
  const text = textEntry(configMap, key);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  errors.invalidValue(text, dataPath(key), `expected a whole number from 1 to ${String(max)}`);
  return undefined;
}

/** Texts between commas, blanks trimmed, empty ones left out; at least one is expected. */
export function listEntry(configMap: ConfigMapData, key: string, errors: FieldErrors): string[] {
  const items = (textEntry(configMap, key) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) errors.missing(dataPath(key));
  return items;
}
