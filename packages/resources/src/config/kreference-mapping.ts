/**
 * Addresses of kinds that have none: the ConfigMap `config-kreference-mapping` (feature kreference-mapping).
 * A key is `Kind.version.group` (`Pod.v1` in the core group), its text a URL in which `{{ .Name }}`,
 * `{{ .Namespace }}`, `{{ .UID }}` and `{{ .SystemNamespace }}` stand for parts of the reference. That is all
 * of Go's template language that is understood; anything else is an error, not text.
 */
import { FieldErrors } from '../field-errors.ts';
import { nearestName } from '../nearest-name.ts';
import type { ConfigMapData, Decoded } from './decoded.ts';
import { dataPath } from './yaml-entry.ts';

/** Name of the ConfigMap. */
export const KREFERENCE_MAPPING_CONFIG_MAP = 'config-kreference-mapping';

const VALUES = ['Name', 'Namespace', 'UID', 'SystemNamespace'] as const;

/** What a template may refer to. */
export type MappingValues = Readonly<Record<(typeof VALUES)[number], string>>;

/** config-kreference-mapping, decoded: template by `<apiVersion>/<kind>`. */
export type KReferenceMapping = ReadonlyMap<string, string>;

/** What Knative ships: no mapping. */
export const SHIPPED_KREFERENCE_MAPPING: KReferenceMapping = new Map();

const PLACEHOLDER = /\{\{-?\s*\.(\w+)\s*-?\}\}/g;

const NO_VALUES: MappingValues = { Name: 'x', Namespace: 'x', UID: 'x', SystemNamespace: 'x' };

function isValueName(name: string): name is keyof MappingValues {
  return (VALUES as readonly string[]).includes(name);
}

/** `Pod.v1` → `v1/Pod`, `Broker.v1.eventing.knative.dev` → `eventing.knative.dev/v1/Broker`. */
function mappingKey(key: string): string | undefined {
  const [kind = '', version = '', ...group] = key.split('.');
  if (kind === '' || version === '') return undefined;
  return `${[...(group.length === 0 ? [] : [group.join('.')]), version].join('/')}/${kind}`;
}

function render(template: string, values: MappingValues): string {
  return template.replace(PLACEHOLDER, (placeholder, name: string) =>
    isValueName(name) ? values[name] : placeholder,
  );
}

function checkTemplate(template: string, path: string, errors: FieldErrors): void {
  for (const [, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (isValueName(name)) continue;
    const near = nearestName(name, VALUES) ?? VALUES.join(', ');
    errors.invalidValue(template, path, `unknown value .${name}, expected ${near}`);
    return;
  }
  const url = render(template, NO_VALUES);
  if (/\{\{|\}\}/.test(url)) {
    errors.invalidValue(template, path, 'expected placeholders such as {{ .Name }}');
  } else if (!URL.canParse(url)) {
    errors.invalidValue(template, path, 'expected a URL such as http://{{ .Name }}.example.com');
  }
}

/** Decodes config-kreference-mapping. */
export function decodeKReferenceMapping(configMap: ConfigMapData): Decoded<KReferenceMapping> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const value = new Map<string, string>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) {
    if (key.startsWith('_')) continue;
    const target = mappingKey(key);
    if (target === undefined) {
      errors.invalidKey(key, dataPath(key), 'expected Kind.version or Kind.version.group');
      continue;
    }
    checkTemplate(text.trim(), dataPath(key), errors);
    value.set(target, text.trim());
  }
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}

/** The address of an object of a mapped kind; undefined when its kind is not mapped. */
export function mappedAddress(
  mapping: KReferenceMapping,
  reference: { readonly apiVersion: string; readonly kind: string },
  values: MappingValues,
): string | undefined {
  const template = mapping.get(`${reference.apiVersion}/${reference.kind}`);
  return template === undefined ? undefined : render(template, values);
}
