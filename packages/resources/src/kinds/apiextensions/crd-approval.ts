/**
 * Groups of Kubernetes' own community take a CRD only with a word that it was approved there, in an annotation: this
 * keeps users from defining what a cluster serves of itself. States and words are kube-apiserver's.
 */
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

/** Says where a CRD was approved, or why it need not be. */
export const APPROVAL_ANNOTATION = 'api-approved.kubernetes.io';

const PROTECTED_GROUP = /(?:^|\.)(?:k8s|kubernetes)\.io$/;
const WHO = `protected groups must have approval annotation "${APPROVAL_ANNOTATION}"`;
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

export interface Approval {
  readonly state: 'missing' | 'invalid' | 'bypassed' | 'approved';
  readonly message: string;
}

/** With a scheme and a host. */
function isFullUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#\s]/.test(text) && URL.canParse(text);
}

/** Undefined for the groups that everybody may use. */
export function approvalOf({ metadata, spec }: CustomResourceDefinition): Approval | undefined {
  if (!PROTECTED_GROUP.test(spec.group)) return undefined;
  const word = metadata.annotations?.[APPROVAL_ANNOTATION] ?? '';
  if (word === '') return { state: 'missing', message: `${WHO}, ${SEE}` };
  if (word.startsWith('unapproved')) {
    return { state: 'bypassed', message: `not approved: ${JSON.stringify(word)}` };
  }
  if (isFullUrl(word)) return { state: 'approved', message: `approved in ${word}` };
  const wanted = 'with either a URL or a reason starting with "unapproved"';
  return { state: 'invalid', message: `${WHO} ${wanted}, ${SEE}` };
}
