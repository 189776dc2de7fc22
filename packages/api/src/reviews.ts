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

/** A kind of review; all of them are of version v1. */
export interface ReviewName {
  readonly group: string;
  readonly kind: string;
}

interface Review extends ReviewName {
  readonly status: object;
}

const REVIEWS: readonly Review[] = [
  {
    group: 'authentication.k8s.io',
    kind: 'SelfSubjectReview',
    status: {
      userInfo: { username: 'afflux', groups: ['system:masters', 'system:authenticated'] },
    },
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectAccessReview',
    status: { allowed: true, reason: WHY },
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectRulesReview',
    status: {
      resourceRules: [{ verbs: EVERYTHING, apiGroups: EVERYTHING, resources: EVERYTHING }],
      nonResourceRules: [{ verbs: EVERYTHING, nonResourceURLs: EVERYTHING }],
      incomplete: false,
    },
  },
];

/** The kinds of review that there are. */
export const REVIEW_NAMES: readonly ReviewName[] = REVIEWS;

/** The review at this place, if there is one. */
export function findReview(group: string, version: string, resource: string): Review | undefined {
  if (version !== 'v1') return undefined;
  return REVIEWS.find((one) => one.group === group && `${one.kind.toLowerCase()}s` === resource);
}

/** Answers one. */
export async function answerReview(
  { group, kind, status }: Review,
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
  const value = await parseBody(body, contentType);
  if (!isRecord(value)) {
    throw badRequest(`the body must be a ${kind}`);
  }
  const { spec = {} } = value as { readonly spec?: unknown };
  warn(WHY);
  return { status: 201, body: { kind, apiVersion: `${group}/v1`, metadata: {}, spec, status } };
}
