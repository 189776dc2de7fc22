/** get and list. */
import type { ResourceStore } from '@afflux/control';
import { ApiError, badRequest } from './errors.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { ListPages, Page } from './list-pages.ts';
import { invalidMatch, listQuery, type ListQuery } from './request-options.ts';
import { shownTo, type ShownDeps } from './shown-objects.ts';

export interface ReadDeps extends ShownDeps {
  readonly store: ResourceStore;
  readonly pages: ListPages;
}

/** One object. */
export async function getObject(exchange: Exchange, deps: ReadDeps): Promise<Answer> {
  const { definition, path, signal } = exchange;
  const { namespace, name = '' } = path;
  const object = await deps.store.get(definition, { namespace, name }, { signal });
  return { status: 200, body: shownTo(exchange, deps).one(object) };
}

/** Objects of a namespace, or of all; in pages where the client sets a limit. */
export async function listObjects(exchange: Exchange, deps: ReadDeps): Promise<Answer> {
  const query = listQuery(exchange.query);
  const page = await pageOf(exchange, query, deps);
  return { status: 200, body: shownTo(exchange, deps).list(page) };
}

async function pageOf(exchange: Exchange, query: ListQuery, deps: ReadDeps): Promise<Page> {
  const { definition, path, signal } = exchange;
  const { labelSelector, fieldSelector, limit, continueToken } = query;
  const subject = JSON.stringify([
    definition.apiVersion,
    definition.kind,
    path.namespace,
    labelSelector,
    fieldSelector,
  ]);
  if (continueToken !== undefined) {
    if (query.resourceVersion !== undefined && query.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    return deps.pages.next(subject, continueToken, limit);
  }
  const { namespace } = path;
  const list = await deps.store.list(definition, {
    namespace,
    labelSelector,
    fieldSelector,
    signal,
  });
  checkVersion(query, list.resourceVersion);
  const isWhole = labelSelector === undefined && fieldSelector === undefined;
  return deps.pages.first(subject, list, limit, isWhole);
}

/**
 * A list shows the present, which is never older than what was asked for; only a version from the future, and one
 * that has to be met exactly, cannot be served.
 */
function checkVersion({ resourceVersion: wanted, match }: ListQuery, present: string): void {
  if (match !== undefined && wanted === undefined) {
    throw invalidMatch(
      'Forbidden',
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (match === 'Exact' && wanted === '0') {
    throw invalidMatch(
      'Forbidden',
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    );
  }
  if (wanted === undefined || wanted === '0') return;
  if (!/^\d{1,15}$/.test(wanted)) {
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(wanted)}`);
  }
  if (Number(wanted) > Number(present)) {
    throw new ApiError(
      'AFFLUX_API_TIMEOUT',
      `Too large resource version: ${wanted}, current: ${present}`,
      {
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        },
      },
    );
  }
  if (match === 'Exact' && wanted !== present) {
    throw new ApiError(
      'AFFLUX_API_EXPIRED',
      `The resourceVersion for the provided list is too old: ${wanted}, current: ${present}`,
    );
  }
}
