/** Kinds whose definition is on its way out: what is left of them goes, and nothing is added. */
import { ApiError } from '@afflux/api';
import type { Informer } from '@afflux/control';
import type { CustomResourceDefinition, KindDefinition } from '@afflux/resources';

/** Throws MethodNotAllowed, in kube-apiserver's words, where an object would be made of such a kind. */
export function assertKindStays(
  { plural, group }: KindDefinition,
  definitions: Pick<Informer<CustomResourceDefinition>, 'get'>,
): void {
  const definition = definitions.get(undefined, `${plural}.${group}`);
  if (definition?.metadata.deletionTimestamp === undefined) return;
  throw new ApiError(
    'AFFLUX_API_METHOD_NOT_ALLOWED',
    'create not allowed while custom resource definition is terminating',
  );
}
