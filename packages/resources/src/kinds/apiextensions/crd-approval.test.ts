import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith } from '../../testing.ts';
import { establishedStatus } from './crd-status.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

const NOW = '2026-01-01T00:00:00Z';
const URL = 'https://github.com/kubernetes/kubernetes/pull/78458';
const MISSING = `missing field(s): metadata.annotations[api-approved.kubernetes.io]
protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111`;

function crd(group: string, word?: string): object {
  const annotations = { 'api-approved.kubernetes.io': word };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `foos.${group}`, ...(word === undefined ? {} : { annotations }) },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  };
}

describe('a definition in a group of Kubernetes', () => {
  test.each(['k8s.io', 'coordination.k8s.io', 'kubernetes.io', 'x.kubernetes.io'])(
    'needs an approval: %s',
    (group) => {
      expect(admitProblems(crd(group))).toBe(MISSING);
      expect(admitProblems(crd(group, ''))).toBe(MISSING);
      expect(admitProblems(crd(group, URL))).toBe('');
      expect(admitProblems(crd(group, 'unapproved, a test'))).toBe('');
    },
  );

  test.each(['x-k8s.io', 'gateway.x-k8s.io', 'k8s.io.example', 'notk8s.io'])(
    'is none where the group only looks like it: %s',
    (group) => {
      expect(admitProblems(crd(group))).toBe('');
    },
  );

  test.each(['bad', 'github.com/kubernetes', 'mailto:me', '/path', 'https://'])(
    'has no approval in %s',
    (word) => {
      expect(admitProblems(crd('a.k8s.io', word))).toBe(
        `invalid value: ${word}: metadata.annotations[api-approved.kubernetes.io]
protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
      );
    },
  );

  test('may stay without one, and not become so', () => {
    const missing = crd('a.k8s.io') as CustomResourceDefinition;
    const approved = admitted<CustomResourceDefinition>(crd('a.k8s.io', URL));
    expect(admitProblems(missing, contextWith(), missing)).toBe('');
    expect(admitProblems(missing, contextWith(), approved)).toBe(MISSING);
  });

  test.each([
    [URL, 'True', 'ApprovedAnnotation', `approved in ${URL}`],
    ['unapproved, mine', 'False', 'UnapprovedAnnotation', 'not approved: "unapproved, mine"'],
  ])('says so in its status: %s', (word, status, reason, message) => {
    const definition = admitted<CustomResourceDefinition>(crd('a.k8s.io', word));
    const naming = { accepted: definition.spec.names, isEstablished: true };
    const { conditions } = establishedStatus(definition, naming, NOW);
    expect(conditions?.at(-1)).toEqual({
      type: 'KubernetesAPIApprovalPolicyConformant',
      status,
      lastTransitionTime: NOW,
      reason,
      message,
    });
  });
});
