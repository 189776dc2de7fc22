/**
 * What a store without webhooks calls so that Forms are checked against their schema, as a cluster does by itself:
 * fields that it does not know are refused, dropped with a warning, or dropped; values of another type are refused.
 */
import { StoreError } from '../errors.ts';
import type { Admission } from '../store/resource-store.ts';
import { FORM, FORM_SCHEMA, type KitSchema } from './kinds.ts';

interface Findings {
  /** Paths of fields that the schema does not know. */
  readonly unknown: string[];
  readonly wrongTypes: { readonly field: string; readonly message: string }[];
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** The value with the fields that the schema knows. */
function known(value: unknown, schema: KitSchema, path: string, findings: Findings): unknown {
  const found = typeName(value);
  if (found !== schema.type) {
    const message = `Invalid value: "${found}": ${path} in body must be of type ${schema.type}: "${found}"`;
    findings.wrongTypes.push({ field: path, message });
    return value;
  }
  const { items, properties, additionalProperties } = schema;
  if (Array.isArray(value)) {
    if (items === undefined) return value;
    return value.map((item, index) => known(item, items, `${path}[${String(index)}]`, findings));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (properties === undefined && additionalProperties === undefined) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const fieldPath = path === '' ? name : `${path}.${name}`;
    const fieldSchema = properties?.[name] ?? additionalProperties;
    if (fieldSchema === undefined) findings.unknown.push(fieldPath);
    else kept[name] = known(field, fieldSchema, fieldPath, findings);
  }
  return kept;
}

/** Checks Forms where the caller asks for it; lets everything else pass. */
export const kitAdmission: Admission = (object, _old, request) => {
  const { fieldValidation, onWarning } = request;
  if (object.kind !== FORM.kind || fieldValidation === undefined) return object;
  const findings: Findings = { unknown: [], wrongTypes: [] };
  const checked = known(object, FORM_SCHEMA, '', findings) as typeof object;
  const texts = findings.unknown.map((path) => `unknown field "${path}"`);
  if (fieldValidation === 'Strict' && texts.length > 0) {
    throw new StoreError(
      'AFFLUX_STORE_BAD_REQUEST',
      `Form in version "v1" cannot be handled as a Form: strict decoding error: ${texts.join(', ')}`,
    );
  }
  if (fieldValidation === 'Warn') for (const text of texts) onWarning?.(text);
  if (findings.wrongTypes.length > 0) {
    const list = findings.wrongTypes.map(({ field, message }) => `${field}: ${message}`).join(', ');
    throw new StoreError(
      'AFFLUX_STORE_INVALID',
      `Form.kit.afflux.dev "${object.metadata.name}" is invalid: ${list}`,
      { details: { causes: findings.wrongTypes } },
    );
  }
  return checked;
};
