/** Lists and single objects of a server, page by page, each page bounded by the client and all by a count. */
import { collectionPath, objectPath, type ApiResource } from '@afflux/control-kubernetes';
import { failedWith, isExpired } from './failure.ts';
import type { KubeObject, ObjectList } from './objects.ts';
import type { Session } from './session.ts';

/** Objects of one page (kubectl). */
const PAGE = 500;

/** Objects that one command reads of a kind. */
const OBJECTS_MAX = 100_000;

/** Where to look for objects. */
export interface Scope {
  readonly namespace: string;
  readonly allNamespaces?: boolean | undefined;
  readonly selector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** What a page needs to have, whatever its items are called. */
export interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

export function listPath(resource: ApiResource, { namespace, allNamespaces }: Scope): string {
  return collectionPath(resource, allNamespaces === true ? undefined : namespace);
}

export function pathOfObject(resource: ApiResource, namespace: string, name: string): string {
  return objectPath(resource, resource.namespaced ? { namespace, name } : { name });
}

export function selectionQuery({ selector, fieldSelector }: Scope): Record<string, string> {
  return {
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

interface PageOptions<P extends Page> {
  readonly scope: Scope;
  readonly accept?: string;
  /** How many a page holds. */
  readonly size: (page: P) => number;
}

/** Every page of a list. When the server forgets it half-way, all at once instead. */
export async function readPages<P extends Page>(
  session: Session,
  resource: ApiResource,
  options: PageOptions<P>,
): Promise<readonly P[]> {
  try {
    return await pagesBy(session, resource, { ...options, limit: PAGE });
  } catch (error) {
    if (!isExpired(error)) throw error;
    return pagesBy(session, resource, { ...options, limit: undefined });
  }
}

async function pagesBy<P extends Page>(
  session: Session,
  resource: ApiResource,
  options: PageOptions<P> & { readonly limit: number | undefined },
): Promise<readonly P[]> {
  const { scope, accept, size, limit } = options;
  const pages: P[] = [];
  let count = 0;
  let next: string | undefined;
  do {
    const page = (await session.json({
      method: 'GET',
      path: listPath(resource, scope),
      query: { ...selectionQuery(scope), limit, continue: next },
      ...(accept === undefined ? {} : { headers: { accept } }),
    })) as P;
    pages.push(page);
    count += size(page);
    if (count > OBJECTS_MAX) {
      throw failedWith(
        `error: more than ${String(OBJECTS_MAX)} ${resource.plural}: narrow the selection`,
      );
    }
    next = page.metadata?.continue;
  } while (next !== undefined && next !== '');
  return pages;
}

/** All objects of a kind, with the kind that servers leave out in lists, and the version to watch from. */
export async function readObjects(
  session: Session,
  resource: ApiResource,
  scope: Scope,
): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }> {
  const pages = await readPages<ObjectList>(session, resource, {
    scope,
    size: ({ items = [] }) => items.length,
  });
  return {
    items: pages.flatMap(({ items = [] }) => items.map((item) => withKind(item, resource))),
    resourceVersion: pages.at(-1)?.metadata?.resourceVersion ?? '',
  };
}

function withKind(item: KubeObject, { apiVersion, kind }: ApiResource): KubeObject {
  return { ...item, apiVersion, kind };
}

export async function readObject(
  session: Session,
  resource: ApiResource,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<KubeObject> {
  const path = pathOfObject(resource, namespace, name);
  return (await session.json({ method: 'GET', path })) as KubeObject;
}
