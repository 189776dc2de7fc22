/** Builders of the objects that tests put into the store. Everything is in namespace `default`. */
import type {
  ApiObject,
  Channel,
  Condition,
  InMemoryChannel,
  ObjectMeta,
  OwnerReference,
  Parallel,
  Sequence,
  Subscription,
} from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';

export const NAMESPACE = 'default';

type Metadata = Partial<ObjectMeta>;

function metadata(name: string, more: Metadata = {}): ObjectMeta {
  return { name, namespace: NAMESPACE, ...more };
}

/** Parts of an object besides its kind and name. */
export interface Parts<T extends ApiObject> {
  readonly metadata?: Metadata;
  readonly status?: T['status'];
}

export function memoryChannel(
  name: string,
  spec: InMemoryChannel['spec'] = {},
  parts: Parts<InMemoryChannel> = {},
): InMemoryChannel {
  return {
    apiVersion: 'messaging.knative.dev/v1',
    kind: 'InMemoryChannel',
    metadata: metadata(name, parts.metadata),
    spec,
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

/** A channel of another kind than InMemoryChannel. */
export function channelOf(
  { apiVersion, kind }: Pick<ApiObject, 'apiVersion' | 'kind'>,
  name: string,
  spec: object = {},
  parts: { readonly metadata?: Metadata; readonly status?: object } = {},
): Channelable {
  return {
    apiVersion,
    kind,
    metadata: metadata(name, parts.metadata),
    spec,
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

export function channel(
  name: string,
  spec: Channel['spec'] = {},
  parts: Parts<Channel> = {},
): Channel {
  return {
    apiVersion: 'messaging.knative.dev/v1',
    kind: 'Channel',
    metadata: metadata(name, parts.metadata),
    spec,
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

/** A Subscription of the InMemoryChannel `orders`, unless `spec` says otherwise. */
export function subscription(
  name: string,
  spec: Partial<Subscription['spec']>,
  parts: Parts<Subscription> = {},
): Subscription {
  return {
    apiVersion: 'messaging.knative.dev/v1',
    kind: 'Subscription',
    metadata: metadata(name, parts.metadata),
    spec: { channel: channelRef('orders'), subscriber: {}, ...spec },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

export function sequence(
  name: string,
  spec: Sequence['spec'],
  parts: Parts<Sequence> = {},
): Sequence {
  return {
    apiVersion: 'flows.knative.dev/v1',
    kind: 'Sequence',
    metadata: metadata(name, parts.metadata),
    spec,
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

export function parallel(
  name: string,
  spec: Parallel['spec'],
  parts: Parts<Parallel> = {},
): Parallel {
  return {
    apiVersion: 'flows.knative.dev/v1',
    kind: 'Parallel',
    metadata: metadata(name, parts.metadata),
    spec,
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}

/** A reference to a channel of kind InMemoryChannel, or of another kind of the messaging group. */
export function channelRef(name: string, kind = 'InMemoryChannel') {
  return { apiVersion: 'messaging.knative.dev/v1', kind, name };
}

/** The reference by which the child of an object with uid `<name>-uid` names it. */
export function ownedBy({ apiVersion, kind, metadata: { name } }: ApiObject): OwnerReference {
  const uid = `${name}-uid`;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export const READY: Condition = { type: 'Ready', status: 'True' };

export function address(name: string) {
  return { name: 'http', url: `http://localhost:8080/default/channels/${name}` };
}
