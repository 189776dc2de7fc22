/** Which kinds can be sent as protobuf: those of Kubernetes that this API serves or answers, besides Pods. */
import type { Message } from './message.ts';
import {
  CONFIG_MAP,
  EVENT,
  NAMESPACE,
  NEWER_EVENT,
  SECRET,
  SERVICE_ACCOUNT,
} from './messages/core.ts';
import { LEASE, SCALE } from './messages/lease-and-scale.ts';
import { DELETE_OPTIONS } from './messages/meta.ts';
import {
  SELF_SUBJECT_ACCESS_REVIEW,
  SELF_SUBJECT_REVIEW,
  SELF_SUBJECT_RULES_REVIEW,
} from './messages/reviews.ts';
import { SERVICE } from './messages/service.ts';

/** By `<apiVersion>/<kind>`. */
const MESSAGES: ReadonlyMap<string, Message> = new Map([
  ['v1/ConfigMap', CONFIG_MAP],
  ['v1/Event', EVENT],
  ['v1/Namespace', NAMESPACE],
  ['v1/Secret', SECRET],
  ['v1/Service', SERVICE],
  ['v1/ServiceAccount', SERVICE_ACCOUNT],
  ['autoscaling/v1/Scale', SCALE],
  ['events.k8s.io/v1/Event', NEWER_EVENT],
  ['coordination.k8s.io/v1/Lease', LEASE],
  ['authentication.k8s.io/v1/SelfSubjectReview', SELF_SUBJECT_REVIEW],
  ['authorization.k8s.io/v1/SelfSubjectAccessReview', SELF_SUBJECT_ACCESS_REVIEW],
  ['authorization.k8s.io/v1/SelfSubjectRulesReview', SELF_SUBJECT_RULES_REVIEW],
]);

/** Options of a delete are sent under the group and version of whatever is deleted. */
const DELETE_OPTIONS_KIND = 'DeleteOptions';

/** For people: every kind that can be sent so. */
export const PROTOBUF_KINDS: readonly string[] = [...MESSAGES.keys(), DELETE_OPTIONS_KIND];

export function messageOfKind(apiVersion: string, kind: string): Message | undefined {
  return kind === DELETE_OPTIONS_KIND ? DELETE_OPTIONS : MESSAGES.get(`${apiVersion}/${kind}`);
}
