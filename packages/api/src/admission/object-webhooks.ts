/**
 * Defaulting and validation of the kinds of a registry, in the words of Knative's webhooks. Both are functions
 * of the request and of what the context says at this moment; the rules themselves are `decode` and `admit`,
 * the same that a local store calls.
 *
 * An update that changes neither what is wanted nor labels and annotations passes without being decoded. So an
 * object that a newer schema would refuse can still get a status and lose its finalizers.
 */
import {
  admit,
  CONTROLLER_USER,
  decode,
  isRecord,
  type AdmissionContext,
  type ApiObject,
  type FieldErrors,
  type KindDefinition,
  type KindRegistry,
} from '@afflux/resources';
import { isDeepStrictEqual } from 'node:util';
import { ALLOWED, denied, own, type AdmissionRequest, type Verdict } from './admission-review.ts';
import { jsonDiff } from './json-diff.ts';

export interface ObjectWebhookOptions {
  readonly kinds: KindRegistry;
  /** What the rules look at besides the object, for a write by this user. */
  readonly context: (user: string) => AdmissionContext;
}

/** The service account that our controllers, and Knative's, write with. */
const CONTROLLER_ACCOUNT = 'eventing-controller';

/** A request whose objects have the shape of their kind. */
interface Decoded {
  readonly definition: KindDefinition;
  readonly object: ApiObject;
  readonly old: ApiObject | undefined;
}

/** What stands against decoding it. */
interface Undecodable {
  readonly problem: string;
  readonly warnings?: readonly string[];
}

/** Of the right shape, but with values that the schema refuses: for Knative that is a matter of validation. */
interface Refused {
  readonly errors: FieldErrors;
}

/** Answers with the patch that fills in the defaults. */
export function defaulting(options: ObjectWebhookOptions, request: AdmissionRequest): Verdict {
  if (!isJudged(request)) return ALLOWED;
  const decoded = decodeRequest(options.kinds, request);
  if ('problem' in decoded) return denied(`mutation failed: ${decoded.problem}`, decoded.warnings);
  // What the rules refuse is for the other webhook to refuse.
  if ('errors' in decoded) return ALLOWED;
  const { definition, object, old } = decoded;
  const context = contextOf(options, request);
  const admitted = admit(options.kinds, object, context, old);
  const defaulted = admitted.object ?? definition.setDefaults(object, context);
  return { allowed: true, patch: jsonDiff(request.object, withoutEmptyName(defaulted)) };
}

/** Decoding reads an absent name, of an object that is still to get one, as an empty one. */
function withoutEmptyName(object: ApiObject): object {
  const { name, ...metadata } = object.metadata;
  return name === '' ? { ...object, metadata } : object;
}

/** Answers whether the rules of the kind let the object pass. */
export function resourceValidation(
  options: ObjectWebhookOptions,
  request: AdmissionRequest,
): Verdict {
  if (!isJudged(request)) return ALLOWED;
  const decoded = decodeRequest(options.kinds, request);
  if ('problem' in decoded) {
    return denied(`decoding request failed: ${decoded.problem}`, decoded.warnings);
  }
  const { errors } =
    'errors' in decoded
      ? decoded
      : admit(options.kinds, decoded.object, contextOf(options, request), decoded.old);
  return errors.isEmpty ? ALLOWED : denied(`validation failed: ${errors.toString()}`);
}

/** Whether there is anything to say: not of deletions, not of a status, not of what stays as it was. */
function isJudged({ operation, subResource, object, oldObject }: AdmissionRequest): boolean {
  if (subResource !== '') return false;
  if (operation === 'CREATE') return true;
  return operation === 'UPDATE' && !isDeepStrictEqual(judgedPart(object), judgedPart(oldObject));
}

/** As `admit` sees it, of an object that was not decoded yet. */
function judgedPart(object: unknown): unknown {
  if (!isRecord(object)) return object;
  const { metadata, status: _status, ...rest } = object;
  if (!isRecord(metadata)) return object;
  const labels = own(metadata, 'labels') ?? {};
  const annotations = own(metadata, 'annotations') ?? {};
  return { ...rest, metadata: { labels, annotations } };
}

function decodeRequest(
  kinds: KindRegistry,
  request: AdmissionRequest,
): Decoded | Refused | Undecodable {
  const { group, version, kind } = request.kind;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const definition = kinds.get(apiVersion, kind);
  if (definition === undefined) return { problem: `unhandled kind: ${apiVersion}, Kind=${kind}` };
  if (request.object === undefined) return { problem: 'the new object may not be nil' };
  const { object, errors } = decode(kinds, request.object);
  if (object === undefined) {
    const text = goText(errors);
    if (text === undefined) return { errors };
    const problem = `cannot decode incoming new object: ${text}`;
    return { problem, warnings: errors.toString().split('\n') };
  }
  if (object.apiVersion !== apiVersion || object.kind !== kind) {
    const problem = `cannot decode incoming new object: it is a ${object.kind} of ${object.apiVersion}, not a ${kind} of ${apiVersion}`;
    return { problem };
  }
  if (request.oldObject === undefined) return { definition, object, old: undefined };
  // Fields that were stored before they were unknown do no harm: what counts is what is wanted now.
  const old = decode(kinds, request.oldObject, { unknownFields: 'drop' });
  if (old.object === undefined) {
    const text = goText(old.errors) ?? old.errors.toString();
    return { problem: `cannot decode incoming old object: ${text}` };
  }
  return { definition, object, old: old.object };
}

/** Problems that Go's decoder has too, rather than the rules of a kind. */
const SHAPE = /^(?:unknown field |expected .+, found |nested deeper than |more than \d+ values )/;
const UNKNOWN_FIELD = /^unknown field ("(?:[^"\\]|\\.)*")/;

/** The first problem of shape, as Go words it where it has words for it; undefined when there is none. */
function goText(errors: FieldErrors): string | undefined {
  const problems = errors.entries().filter(({ message }) => SHAPE.test(message));
  for (const { message } of problems) {
    const field = UNKNOWN_FIELD.exec(message)?.[1];
    if (field !== undefined) return `json: unknown field ${field}`;
  }
  const [first] = problems;
  return first && `${first.message}: ${first.paths.join(', ')}`;
}

/** The context for whoever writes. Nobody else may pass for the controller by calling himself that. */
function contextOf({ context }: ObjectWebhookOptions, { username }: AdmissionRequest) {
  const user = username === CONTROLLER_USER ? `user:${username}` : username;
  const found = context(user);
  const account = `system:serviceaccount:${found.systemNamespace}:${CONTROLLER_ACCOUNT}`;
  return username === account ? context(CONTROLLER_USER) : found;
}
