/** What is said about a CRD when it is taken into use: its status, and warnings for its author. */
import type { Condition } from '../../object.ts';
import { approvalOf } from './crd-approval.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
} from './custom-resource-definition.ts';

const CEL = 'x-kubernetes-validations';

/** How many CEL rules a schema has, wherever they stand. */
function celRuleCount(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null) return 0;
  let count = 0;
  for (const [key, child] of Object.entries(schema)) {
    count += key === CEL && Array.isArray(child) ? child.length : celRuleCount(child);
  }
  return count;
}

/** What a user's CRD asks for and does not get here; one sentence each, for the warnings of the answer. */
export function crdWarnings({ spec }: CustomResourceDefinition): readonly string[] {
  const warnings = spec.versions.flatMap(({ schema }, index) => {
    const count = celRuleCount(schema?.openAPIV3Schema);
    if (count === 0) return [];
    return [
      `spec.versions[${String(index)}].schema.openAPIV3Schema: ${CEL} are not evaluated here; rules that objects need not keep: ${String(count)}`,
    ];
  });
  if (spec.conversion?.strategy === 'Webhook') {
    warnings.push(
      'spec.conversion: webhooks are not called here; every object is served in the version in which it was written',
    );
  }
  return warnings;
}

/** Which names a CRD got among those of its group, as kube-apiserver decides it. */
export interface CrdNaming {
  /** Those it has now; empty where it has none yet. */
  readonly accepted: CustomResourceDefinitionSpec['names'];
  /** Why it did not get all that it asks for. */
  readonly conflict?: { readonly reason: string; readonly message: string } | undefined;
  /** It had all of its names once: its objects are served from then on, under those it has. */
  readonly isEstablished: boolean;
}

type Claim = Required<Pick<Condition, 'type' | 'status' | 'reason' | 'message'>>;

function namesAccepted({ conflict }: CrdNaming): Claim {
  const type = 'NamesAccepted';
  if (conflict !== undefined) return { type, status: 'False', ...conflict };
  return { type, status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
}

function established({ isEstablished }: CrdNaming): Claim {
  const type = 'Established';
  if (!isEstablished) {
    return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  }
  const message = 'the initial names have been accepted';
  return { type, status: 'True', reason: 'InitialNamesAccepted', message };
}

const APPROVAL_REASONS = {
  missing: 'MissingAnnotation',
  invalid: 'InvalidAnnotation',
  bypassed: 'UnapprovedAnnotation',
  approved: 'ApprovedAnnotation',
} as const;

/** Said of protected groups only. */
function approved(crd: CustomResourceDefinition): readonly Claim[] {
  const approval = approvalOf(crd);
  if (approval === undefined) return [];
  const { state, message } = approval;
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const status = state === 'approved' ? 'True' : 'False';
  return [{ type, status, reason: APPROVAL_REASONS[state], message }];
}

/** The status of a CRD whose names were looked at, as kube-apiserver writes it. Pure; `now` is RFC 3339. */
export function establishedStatus(
  crd: CustomResourceDefinition,
  naming: CrdNaming,
  now: string,
): CustomResourceDefinitionStatus {
  const stored = crd.spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
  const claims = [namesAccepted(naming), established(naming), ...approved(crd)];
  return {
    conditions: claims.map((claim) => condition(crd, claim, now)),
    acceptedNames: naming.accepted,
    storedVersions: [...new Set([...(crd.status?.storedVersions ?? []), ...stored])],
  };
}

/** The status of a CRD whose objects are being deleted, as kube-apiserver writes it. Pure; `now` is RFC 3339. */
export function terminatingStatus(
  crd: CustomResourceDefinition,
  now: string,
): CustomResourceDefinitionStatus {
  const type = 'Terminating';
  const reason = 'InstanceDeletionInProgress';
  const message = 'CustomResource deletion is in progress';
  const others = (crd.status?.conditions ?? []).filter((one) => one.type !== type);
  const terminating = condition(crd, { type, status: 'True', reason, message }, now);
  return { ...crd.status, conditions: [...others, terminating] };
}

function condition(
  { status: former }: CustomResourceDefinition,
  { type, status, ...why }: Claim,
  now: string,
): Condition {
  const old = former?.conditions?.find((one) => one.type === type);
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
  return { type, status, lastTransitionTime, ...why };
}
