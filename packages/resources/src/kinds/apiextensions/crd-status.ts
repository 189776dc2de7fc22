/** What is said about a CRD when it is taken into use: its status, and warnings for its author. */
import type { Condition } from '../../object.ts';
import type {
  CustomResourceDefinition,
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

function condition(
  crd: CustomResourceDefinition,
  {
    type,
    reason,
    message,
  }: { readonly type: string; readonly reason: string; readonly message: string },
  now: string,
): Condition {
  const old = crd.status?.conditions?.find((one) => one.type === type);
  const lastTransitionTime = old?.status === 'True' ? (old.lastTransitionTime ?? now) : now;
  return { type, status: 'True', lastTransitionTime, reason, message };
}

/** The status of a CRD whose kinds are served, as kube-apiserver writes it. Pure; `now` is RFC 3339. */
export function establishedStatus(
  crd: CustomResourceDefinition,
  now: string,
): CustomResourceDefinitionStatus {
  const { names, versions } = crd.spec;
  const stored = versions.filter(({ storage }) => storage).map(({ name }) => name);
  return {
    conditions: [
      condition(
        crd,
        { type: 'NamesAccepted', reason: 'NoConflicts', message: 'no conflicts found' },
        now,
      ),
      condition(
        crd,
        {
          type: 'Established',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
        now,
      ),
    ],
    acceptedNames: names,
    storedVersions: [...new Set([...(crd.status?.storedVersions ?? []), ...stored])],
  };
}
