/** Which resource and namespace an object of a manifest belongs to. */
import type { ApiResource } from '@afflux/control-kubernetes';
import { failedWith } from './failure.ts';
import type { ManifestObject } from './manifest-files.ts';
import type { Session } from './session.ts';

/** Where one object is on the server. */
export interface ObjectTarget {
  readonly resource: ApiResource;
  readonly namespace: string;
  readonly name: string;
}

/** The target, or undefined when the server has no such kind. Throws when the namespaces contradict each other. */
export async function targetOf(
  session: Session,
  { object }: ManifestObject,
): Promise<ObjectTarget | undefined> {
  const { apiVersion, kind, metadata } = object;
  const resource = await session.resourceOf(apiVersion, kind);
  if (resource === undefined) return undefined;
  const own = metadata.namespace ?? '';
  if (resource.namespaced && session.isNamespaceGiven && own !== '' && own !== session.namespace) {
    throw failedWith(
      `error: the namespace from the provided object "${own}" does not match the namespace "${session.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  const namespace = own === '' ? session.namespace : own;
  return { resource, namespace: resource.namespaced ? namespace : '', name: metadata.name };
}

/** What to say of a kind that the server does not have. */
export function unknownKindText({ object, source }: ManifestObject): string {
  const { apiVersion, kind, metadata } = object;
  return `error: resource mapping not found for name: "${metadata.name}" namespace: "${metadata.namespace ?? ''}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`;
}
