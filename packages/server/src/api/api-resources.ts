/** The resources of `routes.ts` as discovery lists them; a file of its own, because a start needs no more. */
import type { ExtraResource } from '@afflux/api';
import { API_VERSION } from './dead-letter-object.ts';

/** These resources as discovery lists them. */
export const API_RESOURCES: readonly ExtraResource[] = [
  resource('DeadLetter', ['delete', 'deletecollection', 'get', 'list'], ['dl']),
  resource('Redrive', ['create', 'delete', 'get', 'list']),
  resource('Replay', ['create', 'delete', 'get', 'list']),
];

function resource(
  kind: string,
  verbs: readonly string[],
  shortNames: readonly string[] = [],
): ExtraResource {
  const [group = '', version = ''] = API_VERSION.split('/');
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  return {
    group,
    version,
    plural,
    singular,
    kind,
    namespaced: true,
    verbs,
    shortNames,
    categories: [],
  };
}
