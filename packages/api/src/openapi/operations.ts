/**
 * What can be done with a resource, as paths of OpenAPI 3.0. Clients look for little of it, but for that exactly:
 * kubectl asks the PATCH of a kind whether the server knows `dryRun` and `fieldValidation` (only then it leaves the
 * checking to the server) and which forms of patch it takes; `kubectl explain` finds the kind of a resource by the
 * GET of one object.
 */
import type { ServedResource, Subresource } from '../discovery/served-resources.ts';
import type { KindName, Schema } from './schema.ts';
import { metaName, refTo, scaleName, schemaName } from './schema.ts';

/** One thing to do with one address. */
interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  /** What discovery calls it. */
  readonly verb: string;
  /** Kubernetes' word for it; a list is `list`, a PUT is `put`. */
  readonly action: string;
  /** Beginning of the operation's id. */
  readonly name: string;
  readonly parameters: readonly Schema[];
}

type Paths = Record<string, Schema>;

function query(name: string, type: string, description: string): Schema {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

const DRY_RUN = query('dryRun', 'string', 'All: check everything and store nothing.');
const FIELD_MANAGER = query('fieldManager', 'string', 'Who writes; whose the fields then are.');
const FIELD_VALIDATION = query(
  'fieldValidation',
  'string',
  'What becomes of unknown and repeated fields. Strict: refused. Warn: dropped with a warning. Ignore: dropped.',
);
const FORCE = query('force', 'boolean', 'Take over fields of other managers. For apply only.');
const WRITE: readonly Schema[] = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION];

const REMOVE: readonly Schema[] = [
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', 'How many seconds the object may take to end.'),
  query('orphanDependents', 'boolean', 'Older form of propagationPolicy Orphan.'),
  query(
    'propagationPolicy',
    'string',
    'What becomes of objects that this one owns: Background, Foreground or Orphan.',
  ),
];

const SELECT: readonly Schema[] = [
  query('allowWatchBookmarks', 'boolean', 'Let a watch also say how far it is.'),
  query('continue', 'string', 'Go on with the list that gave this.'),
  query('fieldSelector', 'string', 'Only objects with these values in their fields.'),
  query('labelSelector', 'string', 'Only objects with these labels.'),
  query('limit', 'integer', 'At most so many objects in one answer.'),
  query('resourceVersion', 'string', 'From which version on.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'Let a watch begin with what there is.'),
  query('timeoutSeconds', 'integer', 'How long a watch may last.'),
  query('watch', 'boolean', 'Say what changes, instead of what there is.'),
];

const OF_COLLECTION: readonly Operation[] = [
  { method: 'get', verb: 'list', action: 'list', name: 'list', parameters: SELECT },
  { method: 'post', verb: 'create', action: 'post', name: 'create', parameters: WRITE },
  {
    method: 'delete',
    verb: 'deletecollection',
    action: 'deletecollection',
    name: 'deleteCollection',
    parameters: [...REMOVE, ...SELECT],
  },
];

const READ_ONE: readonly Schema[] = [
  query('resourceVersion', 'string', 'Not older than this version.'),
];

const OF_OBJECT: readonly Operation[] = [
  { method: 'get', verb: 'get', action: 'get', name: 'read', parameters: READ_ONE },
  { method: 'put', verb: 'update', action: 'put', name: 'replace', parameters: WRITE },
  { method: 'delete', verb: 'delete', action: 'delete', name: 'delete', parameters: REMOVE },
  { method: 'patch', verb: 'patch', action: 'patch', name: 'patch', parameters: [...WRITE, FORCE] },
];

const PATCH_TYPES: readonly string[] = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const STRATEGIC = 'application/strategic-merge-patch+json';

const NAME_PARAMETER: Schema = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'Name of the object.',
  schema: { type: 'string', uniqueItems: true },
};
const NAMESPACE_PARAMETER: Schema = {
  ...NAME_PARAMETER,
  name: 'namespace',
  description: 'Namespace of the object.',
};

function json(schema: Schema): Schema {
  return { content: { 'application/json': { schema } } };
}

function answer(description: string, schema: Schema): Schema {
  return { description, ...json(schema) };
}

function bodyOf({ method }: Operation, resource: ServedResource, schema: Schema): Schema {
  switch (method) {
    case 'get':
      return {};
    case 'delete':
      return { requestBody: json(refTo(metaName('DeleteOptions'))) };
    case 'patch': {
      const isBuiltin = resource.definition?.isBuiltin === true;
      const types = isBuiltin ? [...PATCH_TYPES, STRATEGIC] : PATCH_TYPES;
      const patch = { schema: refTo(metaName('Patch')) };
      const content = Object.fromEntries(types.map((type) => [type, patch]));
      return { requestBody: { required: true, content } };
    }
    case 'put':
    case 'post':
      return { requestBody: { required: true, ...json(schema) } };
  }
}

function responsesOf({ method, action }: Operation, schema: Schema, list: Schema): Schema {
  if (method === 'delete') return { '200': answer('OK', refTo(metaName('Status'))) };
  if (action === 'list') return { '200': answer('OK', list) };
  const ok = { '200': answer('OK', schema) };
  return method === 'get' ? ok : { ...ok, '201': answer('Created', schema) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `EventingKnativeDevV1` of a group and a version. */
function groupWords({ group, version }: ServedResource): string {
  const words = (group === '' ? 'core' : group.replace(/\.k8s\.io$/u, '')).split(/[^A-Za-z0-9]+/u);
  return [...words, version].map(capital).join('');
}

/** An address of a resource: of all objects, of one, or of a part of one. */
interface Place {
  readonly resource: ServedResource;
  readonly subresource?: Subresource;
  readonly isNamespaced: boolean;
  /** Kind that is read and written there. */
  readonly kind: KindName;
  readonly schema: Schema;
  /** Schema of a list. */
  readonly list: Schema;
}

function operationAt(place: Place, operation: Operation): Schema {
  const { resource, subresource, isNamespaced, kind, schema, list } = place;
  const where = isNamespaced ? 'Namespaced' : '';
  const part = subresource === undefined ? '' : capital(subresource.name);
  const everywhere =
    resource.namespaced && !isNamespaced && subresource === undefined ? 'ForAllNamespaces' : '';
  const words = groupWords(resource);
  return {
    tags: [words.charAt(0).toLowerCase() + words.slice(1)],
    description: `${operation.name} ${resource.kind}${part === '' ? '' : `, ${part.toLowerCase()} of it`}`,
    operationId: `${operation.name}${words}${where}${resource.kind}${part}${everywhere}`,
    parameters: operation.parameters,
    ...bodyOf(operation, resource, schema),
    responses: responsesOf(operation, schema, list),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': {
      group: kind.group,
      version: kind.version,
      kind: kind.kind,
    },
  };
}

function pathItem(
  place: Place,
  operations: readonly Operation[],
  parameters: readonly Schema[],
): Schema | undefined {
  const verbs = place.subresource?.verbs ?? place.resource.verbs;
  const possible = operations.filter(({ verb }) => verbs.includes(verb));
  if (possible.length === 0) return undefined;
  const entries = possible.map((one) => [one.method, operationAt(place, one)] as const);
  return { ...Object.fromEntries(entries), parameters };
}

/** Where the resources of a group and version begin. */
export function rootPath({ group, version }: Pick<KindName, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Name of the schema of a list of the resource. */
export function listName(resource: ServedResource): KindName {
  const { group, version, kind, definition } = resource;
  return { group, version, kind: definition?.listKind ?? `${kind}List` };
}

function subresourceSchema(resource: ServedResource, { kind, group }: Subresource): Schema {
  return kind === resource.kind && group === resource.group
    ? refTo(schemaName(resource))
    : refTo(scaleName(kind));
}

/** Every path of a resource. */
export function resourcePaths(resource: ServedResource): Paths {
  const paths: Paths = {};
  const root = rootPath(resource);
  const { plural, namespaced } = resource;
  const schema = refTo(schemaName(resource));
  const list = refTo(schemaName(listName(resource)));
  const place: Place = { resource, isNamespaced: namespaced, kind: resource, schema, list };
  const put = (path: string, item: Schema | undefined): void => {
    if (item !== undefined) paths[path] = item;
  };
  const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const inNamespace = namespaced ? [NAMESPACE_PARAMETER] : [];
  put(base, pathItem(place, OF_COLLECTION, inNamespace));
  put(`${base}/{name}`, pathItem(place, OF_OBJECT, [NAME_PARAMETER, ...inNamespace]));
  for (const subresource of resource.subresources) {
    const part: Place = {
      ...place,
      subresource,
      kind: subresource,
      schema: subresourceSchema(resource, subresource),
    };
    const item = pathItem(part, OF_OBJECT, [NAME_PARAMETER, ...inNamespace]);
    put(`${base}/{name}/${subresource.name}`, item);
  }
  if (namespaced) {
    const readAll = OF_COLLECTION.filter(({ verb }) => verb === 'list');
    put(`${root}/${plural}`, pathItem({ ...place, isNamespaced: false }, readAll, []));
  }
  return paths;
}
