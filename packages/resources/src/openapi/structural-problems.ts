/**
 * Says why a schema is not structural, by the rules that kube-apiserver applies to the schemas of CRDs: a type
 * at every level, no references, nothing inside `allOf`, `anyOf`, `oneOf` and `not` but validations, and so on.
 * A CRD of a user is refused for these; a schema that was lowered from zod has none, and a test says so.
 *
 * Looks at any JSON, and is bounded in depth and size because decoded objects are.
 */
import { FieldErrors, joinPath } from '../field-errors.ts';
import { isRecord, type JsonRecord } from '../json-record.ts';

/** Keywords that may not stand anywhere. */
const FORBIDDEN = [
  '$ref',
  'definitions',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
] as const;

/** Keywords that may not stand inside a combination of schemas. */
const NOT_IN_LOGIC = ['type', 'description', 'title', 'default', 'nullable'] as const;

/** What the value of a keyword must be; kube-apiserver cannot even read others. */
const KEYWORD_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: isText,
  description: isText,
  title: isText,
  format: isText,
  pattern: isText,
  nullable: isFlag,
  exclusiveMinimum: isFlag,
  exclusiveMaximum: isFlag,
  minimum: isNumber,
  maximum: isNumber,
  multipleOf: isNumber,
  minLength: isNumber,
  maxLength: isNumber,
  minItems: isNumber,
  maxItems: isNumber,
  minProperties: isNumber,
  maxProperties: isNumber,
  enum: (value) => Array.isArray(value),
  required: isTexts,
  properties: isSchemas,
  items: isRecord,
  not: isRecord,
  allOf: isSchemaList,
  anyOf: isSchemaList,
  oneOf: isSchemaList,
  additionalProperties: (value) => isRecord(value) || isFlag(value),
  'x-kubernetes-preserve-unknown-fields': isFlag,
  'x-kubernetes-embedded-resource': isFlag,
  'x-kubernetes-int-or-string': isFlag,
  'x-kubernetes-list-map-keys': isTexts,
};

const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean'];
const LIST_TYPES = ['atomic', 'set', 'map'];
const LISTS_OF_SCHEMAS = ['allOf', 'anyOf', 'oneOf'] as const;

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isSchemas(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isRecord);
}

function isSchemaList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isRecord);
}

function required(path: string, details: string, errors: FieldErrors): void {
  errors.addProblem({
    message: 'missing field(s)',
    paths: [path],
    details,
    cause: { reason: 'FieldValueRequired', head: `Required value: ${details}` },
  });
}

function forbidden(path: string, details: string, errors: FieldErrors): void {
  errors.addProblem({
    message: 'must not set the field(s)',
    paths: [path],
    details,
    cause: { reason: 'FieldValueForbidden', head: `Forbidden: ${details}` },
  });
}

function unsupported(path: string, value: unknown, expected: string[], errors: FieldErrors): void {
  const shown = JSON.stringify(value);
  errors.addProblem({
    message: `invalid value: ${shown}`,
    paths: [path],
    details: `expected ${expected.map((word) => JSON.stringify(word)).join(', ')}`,
    cause: {
      reason: 'FieldValueNotSupported',
      head: `Unsupported value: ${shown}: supported values: ${expected.map((word) => JSON.stringify(word)).join(', ')}`,
    },
  });
}

function isTypeless(node: JsonRecord): boolean {
  return (
    node['x-kubernetes-int-or-string'] === true ||
    node['x-kubernetes-preserve-unknown-fields'] === true
  );
}

function checkList(node: JsonRecord, path: string, errors: FieldErrors): void {
  const listType = node['x-kubernetes-list-type'];
  const keys = node['x-kubernetes-list-map-keys'];
  if (listType !== undefined && !LIST_TYPES.some((one) => one === listType)) {
    const listPath = joinPath(path, 'x-kubernetes-list-type');
    unsupported(listPath, listType, ['atomic', 'map', 'set'], errors);
  }
  if (listType === 'map' && !(Array.isArray(keys) && keys.length > 0)) {
    const why = 'must not be empty if x-kubernetes-list-type is map';
    required(joinPath(path, 'x-kubernetes-list-map-keys'), why, errors);
  }
  if (!isRecord(node['items'])) required(joinPath(path, 'items'), 'must be specified', errors);
}

function checkLevel(node: JsonRecord, path: string, errors: FieldErrors): void {
  const type = node['type'];
  if ((type === undefined || type === '') && !isTypeless(node)) {
    required(joinPath(path, 'type'), 'must not be empty for specified object fields', errors);
  } else if (type !== undefined && type !== '' && !TYPES.some((one) => one === type)) {
    unsupported(joinPath(path, 'type'), type, TYPES, errors);
  }
  if (type === 'array') checkList(node, path, errors);
  if (node['additionalProperties'] === false) {
    forbidden(joinPath(path, 'additionalProperties'), 'must not be false', errors);
  }
  const properties = node['properties'];
  if (
    isRecord(node['additionalProperties']) &&
    isRecord(properties) &&
    Object.keys(properties).length > 0
  ) {
    const why = 'must not be used together with properties';
    forbidden(joinPath(path, 'additionalProperties'), why, errors);
  }
}

function checkLogic(
  node: JsonRecord,
  path: string,
  isIntOrString: boolean,
  errors: FieldErrors,
): void {
  for (const key of NOT_IN_LOGIC) {
    // The one exception: the two branches that spell out an int-or-string.
    if (key === 'type' && isIntOrString) continue;
    if (node[key] === undefined || node[key] === '' || node[key] === false) continue;
    forbidden(joinPath(path, key), 'must be empty to be structural', errors);
  }
}

function visit(node: JsonRecord, path: string, inLogic: boolean, errors: FieldErrors): void {
  for (const key of FORBIDDEN) {
    if (node[key] !== undefined) {
      forbidden(joinPath(path, key), 'must be empty to be structural', errors);
    }
  }
  if (node['uniqueItems'] === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    forbidden(joinPath(path, 'uniqueItems'), why, errors);
  }
  checkKeywords(node, path, errors);
  if (!inLogic) checkLevel(node, path, errors);
  const below = (child: unknown, step: string, logic: boolean): void => {
    if (isRecord(child)) visit(child, joinPath(path, step), logic, errors);
  };
  for (const [name, child] of Object.entries(
    isRecord(node['properties']) ? node['properties'] : {},
  )) {
    below(child, `properties[${name}]`, inLogic);
  }
  below(node['items'], 'items', inLogic);
  below(node['additionalProperties'], 'additionalProperties', inLogic);
  const isIntOrString = node['x-kubernetes-int-or-string'] === true;
  const branch = (child: unknown, step: string): void => {
    if (!isRecord(child)) return;
    checkLogic(child, joinPath(path, step), isIntOrString, errors);
    below(child, step, true);
  };
  branch(node['not'], 'not');
  for (const key of LISTS_OF_SCHEMAS) {
    const list: unknown = node[key];
    if (!Array.isArray(list)) continue;
    for (const [index, child] of list.entries()) branch(child, `${key}[${String(index)}]`);
  }
}

function checkKeywords(node: JsonRecord, path: string, errors: FieldErrors): void {
  for (const [key, isRight] of Object.entries(KEYWORD_TYPES)) {
    const value = node[key];
    if (value === undefined || isRight(value)) continue;
    const where =
      key === 'properties' && isRecord(value)
        ? Object.keys(value)
            .filter((name) => !isRecord(value[name]))
            .map((name) => joinPath(path, `properties[${name}]`))
        : [joinPath(path, key)];
    errors.add('expected another type of value', where);
  }
}

/**
 * What keeps a schema from being structural; paths begin at the schema. Nothing exactly when it is one, and every
 * keyword has the type of value that a structural schema says.
 */
export function checkStructural(schema: JsonRecord): FieldErrors {
  const errors = new FieldErrors();
  visit(schema, '', false, errors);
  if (schema['type'] !== 'object') unsupported('type', schema['type'] ?? '', ['object'], errors);
  return errors;
}
