/**
 * Brokers made without being asked for: the ConfigMap `config-sugar`. Each of its two selectors is off when it
 * is absent or blank, and selects everything when it is `{}`.
 */
import { FieldErrors } from '../field-errors.ts';
import type { ConfigMapData, Decoded } from './decoded.ts';
import type { LabelSelector } from './label-selector.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { entryText, readYamlEntry } from './yaml-entry.ts';

/** Name of the ConfigMap. */
export const SUGAR_CONFIG_MAP = 'config-sugar';

/** config-sugar, decoded. */
export interface SugarConfig {
  /** Namespaces that get a Broker called `default`. */
  readonly namespaceSelector?: LabelSelector;
  /** Triggers whose Broker is made for them. */
  readonly triggerSelector?: LabelSelector;
}

/** What Knative ships: off. */
export const SHIPPED_SUGAR: SugarConfig = {};

/** Decodes config-sugar. */
export function decodeSugar(configMap: ConfigMapData): Decoded<SugarConfig> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const read = (key: string): LabelSelector | undefined => {
    const text = entryText(configMap, key);
    return text === undefined
      ? undefined
      : readYamlEntry({ key, text, schema: labelSelectorSchema }, errors);
  };
  const namespaceSelector = read('namespace-selector');
  const triggerSelector = read('trigger-selector');
  if (!errors.isEmpty) return { errors, warnings };
  const value: SugarConfig = {
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(triggerSelector === undefined ? {} : { triggerSelector }),
  };
  return { value, errors, warnings };
}
