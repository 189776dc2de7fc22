/** The channel that a broker owns: what it should look like, and the smallest patch that makes it so. */
import { isDeepStrictEqual } from 'node:util';
import type { ApiObject, Broker, ChannelTemplate } from '@afflux/resources';
import { triggerChannelName } from '../model/kinds.ts';

/** Annotations with this prefix are handed on to the channel (contract §2.1); ours steer its flow control. */
const HANDED_ON = 'messaging.knative.dev';

/** Pure: the channel as the broker wants it (contract §2.1, owned channel). */
export function desiredChannel(broker: Broker, template: ChannelTemplate): ApiObject {
  const { name, namespace = '', uid = '', annotations = {} } = broker.metadata;
  const handedOn = Object.entries(annotations).filter(([key]) => key.startsWith(HANDED_ON));
  return {
    apiVersion: template.apiVersion,
    kind: template.kind,
    metadata: {
      name: triggerChannelName(name),
      namespace,
      labels: {
        'eventing.knative.dev/broker': name,
        'eventing.knative.dev/brokerEverything': 'true',
      },
      annotations: { 'eventing.knative.dev/scope': 'cluster', ...Object.fromEntries(handedOn) },
      ownerReferences: [
        {
          apiVersion: broker.apiVersion,
          kind: broker.kind,
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      ...template.spec,
      ...(broker.spec.delivery === undefined ? {} : { delivery: broker.spec.delivery }),
    },
  };
}

interface ChannelSpec {
  readonly delivery?: unknown;
}

/** Whether delivery, labels and annotations are as wanted; others may have added more of the latter. */
export function isUpToDate(existing: ApiObject, desired: ApiObject): boolean {
  const wanted = desired.metadata;
  return (
    isDeepStrictEqual(
      (existing.spec as ChannelSpec | undefined)?.delivery,
      (desired.spec as ChannelSpec).delivery,
    ) &&
    includes(existing.metadata.labels, wanted.labels) &&
    includes(existing.metadata.annotations, wanted.annotations)
  );
}

/** A merge patch for {@link isUpToDate}'s fields. Lists and maps inside `delivery` are replaced whole. */
export function mergePatch(existing: ApiObject, desired: ApiObject): object {
  const had = (existing.spec as ChannelSpec | undefined)?.delivery;
  const wants = (desired.spec as ChannelSpec).delivery;
  return {
    metadata: {
      resourceVersion: existing.metadata.resourceVersion,
      labels: desired.metadata.labels,
      annotations: desired.metadata.annotations,
    },
    spec: { delivery: wants === undefined ? null : withRemovals(had, wants) },
  };
}

/** Merge patches keep what they do not name: fields that are no longer wanted are named as null. */
function withRemovals(had: unknown, wants: unknown): unknown {
  if (!isRecord(had) || !isRecord(wants)) return wants;
  const removed = Object.keys(had).filter((key) => !(key in wants));
  return {
    ...Object.fromEntries(removed.map((key) => [key, null])),
    ...Object.fromEntries(
      Object.entries(wants).map(([key, value]) => [key, withRemovals(had[key], value)]),
    ),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function includes(
  actual: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => actual?.[key] === value);
}
