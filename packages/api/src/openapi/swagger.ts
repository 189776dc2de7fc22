/**
 * All documents as one of Swagger 2.0, for clients that know no OpenAPI 3. What the older format cannot say
 * (alternatives, null) is left out: a field is described a little less, never wrongly.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';
import type { OpenApiDocument } from './document.ts';
import type { Schema } from './schema.ts';

/** Keywords that Swagger 2.0 has not. */
const UNKNOWN_KEYWORDS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'not', 'nullable']);
const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'patch'];
const JSON_TYPES: readonly string[] = ['application/json'];

function eachMember(members: JsonRecord, change: (schema: unknown) => unknown): JsonRecord {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}

function keywordValue(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case '$ref':
      return String(value).replace('#/components/schemas/', '#/definitions/');
    case 'properties':
      return isRecord(value) ? eachMember(value, schemaV2) : value;
    case 'allOf':
      return Array.isArray(value) ? value.map(schemaV2) : value;
    case 'items':
    case 'additionalProperties':
      return schemaV2(value);
    default:
      return value;
  }
}

/** Rewrites one schema; anything else (`additionalProperties: true`) stays as it is. */
function schemaV2(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !UNKNOWN_KEYWORDS.has(keyword));
  return Object.fromEntries(
    kept.map(([keyword, value]) => [keyword, keywordValue(keyword, value)]),
  );
}

function parameterV2(parameter: unknown): unknown {
  if (!isRecord(parameter)) return parameter;
  const { schema, ...rest } = parameter;
  return { ...rest, ...(isRecord(schema) ? schema : {}) };
}

function parametersV2(parameters: unknown): unknown[] {
  return Array.isArray(parameters) ? parameters.map(parameterV2) : [];
}

/** Schema of a body or an answer; all media types of one have the same. */
function contentSchema(holder: unknown): unknown {
  const content = isRecord(holder) ? holder['content'] : undefined;
  const [first] = isRecord(content) ? Object.values(content) : [];
  return schemaV2(isRecord(first) ? first['schema'] : undefined);
}

function contentTypes(holder: unknown): readonly string[] {
  const content = isRecord(holder) ? holder['content'] : undefined;
  return isRecord(content) ? Object.keys(content) : JSON_TYPES;
}

function operationV2(operation: unknown): unknown {
  if (!isRecord(operation)) return operation;
  const { parameters, requestBody, responses, ...rest } = operation;
  const body = {
    name: 'body',
    in: 'body',
    required: isRecord(requestBody) && requestBody['required'] === true,
    schema: contentSchema(requestBody),
  };
  return {
    ...rest,
    consumes: contentTypes(requestBody),
    produces: JSON_TYPES,
    parameters: [...(requestBody === undefined ? [] : [body]), ...parametersV2(parameters)],
    responses: isRecord(responses) ? eachMember(responses, responseV2) : {},
  };
}

function responseV2(response: unknown): unknown {
  const description = isRecord(response) ? response['description'] : undefined;
  return { description, schema: contentSchema(response) };
}

function pathItemV2(item: unknown): unknown {
  if (!isRecord(item)) return item;
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      METHODS.includes(key) ? operationV2(value) : parametersV2(value),
    ]),
  );
}

/** Makes one document of all. Pure. */
export function swaggerDocument(documents: readonly OpenApiDocument[], version: string): object {
  const paths: Schema[] = documents.map((document) => document.paths);
  const schemas: Schema[] = documents.map((document) => document.components.schemas);
  return {
    swagger: '2.0',
    info: { title: 'Afflux', version },
    paths: eachMember(Object.assign({}, ...paths) as JsonRecord, pathItemV2),
    definitions: eachMember(Object.assign({}, ...schemas) as JsonRecord, schemaV2),
  };
}
