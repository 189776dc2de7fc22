/** The objects that Channels, Sequences and Parallels make, as plain data: nothing here touches the store. */
import type { GroupVersionKind } from '@afflux/control';
import type {
  ApiObject,
  ChannelTemplate,
  KReference,
  OwnerReference,
  Subscription,
} from '@afflux/resources';
import { SUBSCRIPTION } from '../model/kinds.ts';

/** What a Subscription says. */
export type SubscriptionSpec = Subscription['spec'];

/** An owner as the store returned it. */
function controllerReference(owner: ApiObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

function childMetadata(owner: ApiObject, name: string): ApiObject['metadata'] {
  const { namespace } = owner.metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ownerReferences: [controllerReference(owner)],
  };
}

/** Whether `owner` made `child`; a namesake that was made by somebody else is not touched. */
export function isControlledBy(child: ApiObject, owner: ApiObject): boolean {
  const { uid } = owner.metadata;
  return (child.metadata.ownerReferences ?? []).some(
    (reference) => reference.controller === true && reference.uid === uid,
  );
}

/**
 * A channel of the template's kind. `defaults` are spec fields that the template's own win over. Subscribers in
 * a template are ignored: they come and go with Subscriptions.
 */
export function channelFromTemplate(
  owner: ApiObject,
  template: ChannelTemplate,
  { name, defaults = {} }: { readonly name: string; readonly defaults?: object },
): ApiObject {
  const { subscribers: _, ...spec } = template.spec ?? {};
  return {
    apiVersion: template.apiVersion,
    kind: template.kind,
    metadata: childMetadata(owner, name),
    spec: { ...defaults, ...spec },
  };
}

/** Points to a channel of a kind; a template names one. */
export function channelReference(
  channelKind: GroupVersionKind,
  name: string,
  namespace?: string,
): KReference {
  return {
    apiVersion: channelKind.apiVersion,
    kind: channelKind.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** A Subscription of `owner`. */
export function subscriptionFor(
  owner: ApiObject,
  name: string,
  spec: SubscriptionSpec,
): ApiObject<SubscriptionSpec> {
  return {
    ...SUBSCRIPTION,
    metadata: childMetadata(owner, name),
    spec,
  };
}
