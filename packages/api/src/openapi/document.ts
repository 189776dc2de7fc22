/** The OpenAPI 3.0 document of one group and version: the schemas of its kinds and the paths of its resources. */
import { structuralSchema } from '@afflux/resources';
import type { ServedResource } from '../discovery/served-resources.ts';
import { META_SCHEMAS, SCALE_SCHEMAS } from './meta-schemas.ts';
import { listName, resourcePaths } from './operations.ts';
import type { Schema, Schemas } from './schema.ts';
import { describedRef, kindMark, metaName, refTo, schemaName, TYPE_FIELDS } from './schema.ts';

/** A document; JSON all the way down. */
export interface OpenApiDocument {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Schemas;
  readonly components: { readonly schemas: Schemas };
}

const METADATA = describedRef(
  metaName('ObjectMeta'),
  'Name of the object, and what is known of it.',
);

/** Schema of a kind that is served by others: all that is known is that it is an object. */
const UNKNOWN: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function kindSchema(resource: ServedResource): Schema {
  const { definition } = resource;
  const structural = definition === undefined ? UNKNOWN : structuralSchema(definition);
  const properties = structural.properties as Schemas | undefined;
  return {
    ...structural,
    properties: { ...TYPE_FIELDS, ...properties, metadata: METADATA },
    ...kindMark(resource),
  };
}

function listSchema(resource: ServedResource): Schema {
  return {
    type: 'object',
    description: `A list of objects of kind ${resource.kind}.`,
    required: ['items'],
    properties: {
      ...TYPE_FIELDS,
      metadata: describedRef(metaName('ListMeta'), 'What is known of the list.'),
      items: {
        type: 'array',
        description: 'The objects.',
        items: refTo(schemaName(resource)),
      },
    },
    ...kindMark(listName(resource)),
  };
}

function resourceSchemas(resource: ServedResource): Schemas {
  const own = { [schemaName(resource)]: kindSchema(resource) };
  return resource.verbs.includes('list')
    ? { ...own, [schemaName(listName(resource))]: listSchema(resource) }
    : own;
}

function hasScale({ subresources }: ServedResource): boolean {
  return subresources.some(({ name }) => name === 'scale');
}

/** Makes the document of resources of one group and version. Pure. */
export function openApiDocument(
  resources: readonly ServedResource[],
  version: string,
): OpenApiDocument {
  const schemas = Object.assign({}, ...resources.map(resourceSchemas)) as Schemas;
  return {
    openapi: '3.0.0',
    info: { title: 'Afflux', version },
    paths: Object.assign({}, ...resources.map(resourcePaths)) as Schemas,
    components: {
      schemas: {
        ...META_SCHEMAS,
        ...(resources.some(hasScale) ? SCALE_SCHEMAS : {}),
        ...schemas,
      },
    },
  };
}
