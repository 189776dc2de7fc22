/**
 * The questions about permissions that `kubectl auth` asks. On a laptop whoever reaches this port may do everything,
 * so the answers are yes, with a warning that says why.
 */
import { isRecord } from '@afflux/resources';
import { parseBody } from './body.ts';
import { badRequest } from './errors.ts';
import type { Answer } from './exchange.ts';

const WHY = 'Afflux runs without roles: whoever may reach this port may do everything';

const EVERYTHING = ['*'] as const;

interface ReviewKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly status: (spec: unknown) => object;
}

const REVIEWS: Readonly<Record<string, ReviewKind>> = {
  'authorization.k8s.io/v1/selfsubjectaccessreviews': {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    status: () => ({ allowed: true, reason: WHY }),
  },
  'authorization.k8s.io/v1/selfsubjectrulesreviews': {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    status: () => ({
      resourceRules: [{ verbs: EVERYTHING, apiGroups: EVERYTHING, resources: EVERYTHING }],
      nonResourceRules: [{ verbs: EVERYTHING, nonResourceURLs: EVERYTHING }],
      incomplete: false,
    }),
  },
  'authentication.k8s.io/v1/selfsubjectreviews': {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    status: () => ({
      userInfo: { username: 'afflux', groups: ['system:masters', 'system:authenticated'] },
    }),
  },
};

/** Whether there is such a review. */
export function isReview(group: string, version: string, resource: string): boolean {
  return Object.hasOwn(REVIEWS, `${group}/${version}/${resource}`);
}

/** Answers one. */
export async function review(
  resource: string,
  {
    body,
    contentType,
    warn,
  }: {
    readonly body: Buffer;
    readonly contentType: string | undefined;
    readonly warn: (text: string) => void;
  },
): Promise<Answer> {
  const kind = REVIEWS[resource];
  if (kind === undefined) throw badRequest(`no such review: ${resource}`);
  const value = await parseBody(body, contentType);
  if (!isRecord(value)) {
    throw badRequest(`the body must be a ${kind.kind}`);
  }
  const { spec = {} } = value as { readonly spec?: unknown };
  warn(WHY);
  const { apiVersion } = kind;
  return {
    status: 201,
    body: { kind: kind.kind, apiVersion, metadata: {}, spec, status: kind.status(spec) },
  };
}
