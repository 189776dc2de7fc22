/** What may be done with the objects of a kind: discovery says it, and the routes keep to it. */
import type { KindDefinition } from '@afflux/resources';

/** Of requests that write. */
export type WritingVerb = 'create' | 'delete' | 'deletecollection' | 'patch' | 'update';

type Verb = WritingVerb | 'get' | 'list' | 'watch';

const READ: readonly Verb[] = ['get', 'list', 'watch'];
const ALL_BUT_COLLECTION: readonly Verb[] = [
  'create',
  'delete',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
const ALL: readonly Verb[] = [...ALL_BUT_COLLECTION, 'deletecollection' as const].sort();

/** Sorted. */
export function verbsOf({ apiVersion, kind }: KindDefinition): readonly Verb[] {
  switch (`${apiVersion}/${kind}`) {
    // Pods are what runs; nobody but the server writes them.
    case 'v1/Pod':
      return READ;
    // All namespaces at once is never what anybody wants.
    case 'v1/Namespace':
      return ALL_BUT_COLLECTION;
    default:
      return ALL;
  }
}

/** The verb of a method that writes; undefined where there is none. */
export function writingVerb(method: string, hasName: boolean): WritingVerb | undefined {
  switch (method) {
    case 'POST':
      return hasName ? undefined : 'create';
    case 'PUT':
      return hasName ? 'update' : undefined;
    case 'PATCH':
      return hasName ? 'patch' : undefined;
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}
