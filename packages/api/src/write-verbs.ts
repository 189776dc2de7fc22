/**
 * create, update and patch, of objects and of their status. What is checked here is whether the body belongs to the
 * path; everything about the object itself is the store's and its admission's.
 */
import {
  isNotFound,
  managerFromUserAgent,
  strictRefusal,
  type GroupVersionKind,
  type Patch,
  type PatchOptions,
  type ResourceStore,
  type WriteOptions,
} from '@afflux/control';
import { isRecord, type ApiObject, type KindDefinition } from '@afflux/resources';
import { jsonText, mediaType, parseBody, parseJson, parseYaml } from './body.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { ApiError, badRequest } from './errors.ts';
import { header, type Answer, type Exchange } from './exchange.ts';
import { assertNamespace } from './namespaces.ts';
import { invalidOption, writeQuery, type WriteQuery } from './request-options.ts';
import { shownTo, type ShownDeps } from './shown-objects.ts';

export interface WriteDeps extends ShownDeps {
  readonly store: ResourceStore;
}

/** POST to a collection. */
export async function createObject(exchange: Exchange, deps: WriteDeps): Promise<Answer> {
  const object = await bodyObject(exchange);
  const query = writeQuery(exchange.query, 'CreateOptions');
  noteDuplicates(exchange, query);
  await assertNamespace(exchange, deps.store, object.metadata.name);
  const created = await deps.store.create(object, optionsOf(exchange, query));
  return { status: 201, body: shownTo(exchange, deps).one(created) };
}

/** PUT of an object or its status. */
export async function updateObject(exchange: Exchange, deps: WriteDeps): Promise<Answer> {
  const object = await bodyObject(exchange);
  const query = writeQuery(exchange.query, 'UpdateOptions');
  noteDuplicates(exchange, query);
  const options = optionsOf(exchange, query);
  const updated =
    exchange.path.subresource === 'status'
      ? await deps.store.updateStatus(object, options)
      : await deps.store.update(object, options);
  return { status: 200, body: shownTo(exchange, deps).one(updated) };
}

/** PATCH of an object or its status; server-side apply makes the object where it is not there. */
export async function patchObject(exchange: Exchange, deps: WriteDeps): Promise<Answer> {
  const { definition, path } = exchange;
  const query = writeQuery(exchange.query, 'PatchOptions');
  const patch = patchOf(exchange, query);
  noteDuplicates(exchange, query);
  const { namespace, name = '', subresource } = path;
  const key = { namespace, name };
  const isNew =
    patch.type === 'apply' &&
    subresource === undefined &&
    (await isAbsent(deps.store, definition, key));
  if (isNew) await assertNamespace(exchange, deps.store, name);
  const options: PatchOptions = {
    ...optionsOf(exchange, query),
    // Apply has no manager of its own accord: whoever applies says who they are.
    ...(patch.type === 'apply' ? { fieldManager: query.fieldManager } : {}),
    ...(subresource === 'status' ? { subresource } : {}),
  };
  const patched = await deps.store.patch(definition, key, patch, options);
  return { status: isNew ? 201 : 200, body: shownTo(exchange, deps).one(patched) };
}

async function isAbsent(
  store: ResourceStore,
  kind: GroupVersionKind,
  key: { readonly namespace: string | undefined; readonly name: string },
): Promise<boolean> {
  try {
    await store.get(kind, key);
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** What the store is told of a write besides the object. */
export function optionsOf(exchange: Exchange, query: WriteQuery): WriteOptions {
  return {
    signal: exchange.signal,
    dryRun: query.dryRun,
    fieldManager: query.fieldManager ?? managerFromUserAgent(header(exchange, 'user-agent')),
    fieldValidation: query.fieldValidation,
    onWarning: (text) => {
      exchange.warn(text);
    },
  };
}

const PATCH_TYPES = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const;

/** The patch of a body. Throws BadRequest, UnsupportedMediaType or Invalid. */
export function patchOf(exchange: Exchange, { force }: WriteQuery): Patch {
  const contentType = mediaType(header(exchange, 'content-type'));
  if (!Object.hasOwn(PATCH_TYPES, contentType)) {
    throw new ApiError(
      'AFFLUX_API_UNSUPPORTED_MEDIA_TYPE',
      `the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCH_TYPES).join(', ')}`,
    );
  }
  const type = PATCH_TYPES[contentType as keyof typeof PATCH_TYPES];
  if (type === 'apply') return { type, body: parseYaml(exchange.body), force };
  if (force !== undefined) {
    throw invalidOption('PatchOptions', 'force', [
      'Forbidden',
      'may not be specified for non-apply patch',
    ]);
  }
  return { type, body: parseJson(exchange.body, 'error decoding patch') };
}

/** Fields that the body has twice: refused, told, or passed over, as the client wishes. YAML cannot have any. */
function noteDuplicates(exchange: Exchange, { fieldValidation }: WriteQuery): void {
  const { definition, body } = exchange;
  const contentType = header(exchange, 'content-type');
  const json = fieldValidation === 'Ignore' ? undefined : jsonText(body, contentType);
  if (json === undefined) return;
  const told = duplicateFields(json).map((path) => `duplicate field ${JSON.stringify(path)}`);
  if (told.length === 0) return;
  if (fieldValidation === 'Strict') throw strictRefusal(definition, told);
  for (const text of told) exchange.warn(text);
}

/** The object of a body, which must be the one that the path is about. */
async function bodyObject(exchange: Exchange): Promise<ApiObject> {
  const { definition, path, body } = exchange;
  const value = await parseBody(body, header(exchange, 'content-type'));
  const object = shaped(value, definition);
  const { metadata } = object;
  if (definition.namespaced) placeInNamespace(metadata, path.namespace);
  if (path.name !== undefined && metadata.name !== path.name) {
    if (metadata.name !== '') {
      throw badRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${path.name})`,
      );
    }
    metadata.name = path.name;
  }
  return object;
}

function placeInNamespace(metadata: ApiObject['metadata'], namespace: string | undefined): void {
  const { namespace: given = '' } = metadata;
  if (given !== '' && given !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (namespace !== undefined) metadata.namespace = namespace;
}

function shaped(value: unknown, { apiVersion, kind }: KindDefinition): ApiObject {
  if (!isRecord(value)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): expected a JSON object`,
    );
  }
  const fields: Record<string, unknown> = value;
  // A client may leave out what the path says already.
  fields['apiVersion'] ??= apiVersion;
  fields['kind'] ??= kind;
  if (fields['apiVersion'] !== apiVersion) {
    throw badRequest(
      `the API version in the data (${shown(fields['apiVersion'])}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (fields['kind'] !== kind) {
    throw badRequest(
      `${shown(fields['kind'])} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${kind}`,
    );
  }
  fields['metadata'] ??= {};
  const { metadata } = fields;
  if (!isRecord(metadata)) {
    throw badRequest('metadata must be an object');
  }
  const named: Record<string, unknown> = metadata;
  named['name'] ??= '';
  const { name, namespace } = named;
  if (typeof name !== 'string') throw badRequest('metadata.name must be a string');
  if (namespace !== undefined && typeof namespace !== 'string') {
    throw badRequest('metadata.namespace must be a string');
  }
  return fields as unknown as ApiObject;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : typeof value;
}
