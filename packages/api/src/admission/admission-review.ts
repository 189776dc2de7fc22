/**
 * The question an API server asks before it stores an object (AdmissionReview, `admission.k8s.io/v1`), and the
 * answers. Only what the webhooks look at is read; the rest of a review is let be, as newer servers may say more.
 */
import { isRecord } from '@afflux/resources';
import type { PatchOperation } from './json-diff.ts';

/** What is to be done to an object, and by whom. The objects are as they came: nothing is checked. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** `status`, or empty. */
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  /** CREATE, UPDATE, DELETE or CONNECT. */
  readonly operation: string;
  readonly username: string;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** A review that was read: the request, and the names that the answer repeats. */
export interface AdmissionReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: AdmissionRequest;
}

/** An answer without the request that it answers. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why not. */
  readonly message?: string;
  readonly patch?: readonly PatchOperation[];
  /** Shown to the author besides; one line each. */
  readonly warnings?: readonly string[];
}

export const ALLOWED: Verdict = { allowed: true };

/** An API server cuts off what all warnings have beyond 4096 characters, and a single one beyond 256. */
const WARNINGS_MAX = 16;
const WARNING_LENGTH_MAX = 256;

const API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

type JsonRecord = Readonly<Record<string, unknown>>;

/** Reads a parsed body. A text is what is wrong with it. */
export function readReview(value: unknown): AdmissionReview | string {
  if (!isRecord(value)) return 'not an object';
  const apiVersion = text(value, 'apiVersion');
  const kind = text(value, 'kind');
  if (apiVersion !== API_VERSION || kind !== KIND) {
    return `expected a ${KIND} of ${API_VERSION}`;
  }
  const request = own(value, 'request');
  if (!isRecord(request)) return 'request is missing';
  const uid = text(request, 'uid');
  const requestKind = own(request, 'kind');
  const operation = text(request, 'operation');
  if (uid === '') return 'request.uid is missing';
  if (operation === '') return 'request.operation is missing';
  if (!isRecord(requestKind) || text(requestKind, 'kind') === '') return 'request.kind is missing';
  const userInfo = own(request, 'userInfo');
  return {
    apiVersion,
    kind,
    request: {
      uid,
      kind: {
        group: text(requestKind, 'group'),
        version: text(requestKind, 'version'),
        kind: text(requestKind, 'kind'),
      },
      subResource: text(request, 'subResource'),
      namespace: text(request, 'namespace'),
      name: text(request, 'name'),
      operation,
      username: isRecord(userInfo) ? text(userInfo, 'username') : '',
      object: own(request, 'object') ?? undefined,
      oldObject: own(request, 'oldObject') ?? undefined,
    },
  };
}

/** A refusal in the form of Knative's webhooks. */
export function denied(message: string, warnings?: readonly string[]): Verdict {
  return { allowed: false, message, ...(warnings === undefined ? {} : { warnings }) };
}

/** The body of the answer. */
export function answerTo({ apiVersion, kind, request }: AdmissionReview, verdict: Verdict): object {
  const { allowed, message, patch = [], warnings = [] } = verdict;
  return {
    kind,
    apiVersion,
    response: {
      uid: request.uid,
      allowed,
      ...(allowed
        ? {}
        : {
            status: { metadata: {}, status: 'Failure', message, reason: 'BadRequest', code: 400 },
          }),
      ...(patch.length === 0
        ? {}
        : {
            patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
            patchType: 'JSONPatch',
          }),
      ...(warnings.length === 0
        ? {}
        : { warnings: warnings.flatMap(lines).slice(0, WARNINGS_MAX) }),
    },
  };
}

/** An API server drops a warning with control characters whole. */
function lines(warning: string): string[] {
  return warning
    .split('\n')
    .map((line) => line.replace(/\p{Cc}/gu, ' ').trim())
    .filter((line) => line !== '')
    .map((line) => line.slice(0, WARNING_LENGTH_MAX));
}

/** The field itself, never something inherited. */
export function own(record: JsonRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function text(record: JsonRecord, key: string): string {
  const value = own(record, key);
  return typeof value === 'string' ? value : '';
}
