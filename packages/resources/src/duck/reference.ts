/**
 * References to other objects and to addresses: KReference, Destination, ObjectReference. Their fields are
 * Knative's; so are the rules, except that `CACerts` is checked in every Destination (Knative skips it where
 * there is only a `ref`) and that an address must be one we would ever send to: http or https, and without
 * a user name or password, which would end up in status and logs (T06, T30).
 */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { isEnabled } from '../config/features.ts';
import type { Features } from '../config/features.ts';
import { FieldErrors } from '../field-errors.ts';
import type { CelRule } from '../openapi/structural-schema.ts';
import { MISSING_HINTS } from '../schema/hints.ts';
import { inCrd, oneTextOf, withRules } from '../schema/in-crd.ts';

/** Schema of {@link KReference}. */
export const kReferenceSchema = withRules(
  z.strictObject({
    kind: inCrd(z.string(), { minLength: 1 }).describe('Kind of the object.'),
    name: inCrd(z.string(), { minLength: 1 }).describe('Name of the object.'),
    apiVersion: z.string().exactOptional().describe('Group and version of the object.'),
    namespace: z.string().exactOptional().describe('Namespace; that of the holder by default.'),
    group: z.string().exactOptional().describe('Group without a version; needs kreference-group.'),
    address: z.string().exactOptional().describe('Name of one of the addresses of the object.'),
  }),
  oneTextOf('apiVersion', 'group'),
);

/** Points to an object. After admission it has an apiVersion or (feature kreference-group) a group. */
export type KReference = z.infer<typeof kReferenceSchema>;

/** Fields of a Destination, for kinds that inline it. */
export const destinationShape = {
  ref: kReferenceSchema.exactOptional().describe('An addressable object.'),
  uri: inCrd(z.string(), { pattern: '^[^\\x00-\\x20\\x7f]*$' })
    .exactOptional()
    .describe('Absolute URL, or relative to that of ref.'),
  CACerts: z.string().exactOptional().describe('Certificates to trust, in PEM.'),
  audience: z.string().exactOptional().describe('OIDC audience.'),
};

/** A destination says where; that one is there at all is for each kind to say. */
export const DESTINATION_RULE: CelRule = {
  rule: 'has(self.ref) || has(self.uri)',
  message: 'expected at least one, got none: ref, uri',
};

/** Schema of {@link Destination}. */
export const destinationSchema = withRules(z.strictObject(destinationShape), DESTINATION_RULE);

/** Where events go: an object, an address, or an address relative to that of an object. */
export type Destination = z.infer<typeof destinationSchema>;

/** Schema of a reference in Kubernetes' own long form, as used in status. */
export const objectReferenceSchema = z.strictObject({
  kind: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  name: z.string().exactOptional(),
  uid: z.string().exactOptional(),
  apiVersion: z.string().exactOptional(),
  resourceVersion: z.string().exactOptional(),
  fieldPath: z.string().exactOptional(),
});

/** Kubernetes' ObjectReference. */
export type ObjectReference = z.infer<typeof objectReferenceSchema>;

const NEITHER_REF_NOR_URI = 'expected at least one, got none';

/** A Destination that must be there; when it is not, the message names its two ways of being there. */
export const requiredDestinationSchema = destinationSchema
  .describe('Where the events go.')
  .register(MISSING_HINTS, { message: NEITHER_REF_NOR_URI, fields: ['ref', 'uri'] });

/** What decides whether a reference is acceptable. */
export interface ReferenceRules {
  readonly features: Features;
  /** Where set, references may not leave this namespace. */
  readonly onlyNamespace?: string | undefined;
}

/** Gives a reference the namespace of its holder; changes the object it is given. */
export function defaultReferenceNamespace(
  reference: KReference | undefined,
  namespace: string | undefined,
): void {
  if (reference === undefined || namespace === undefined) return;
  if ((reference.namespace ?? '') === '') reference.namespace = namespace;
}

function checkGroup(reference: KReference, features: Features, errors: FieldErrors): void {
  const { apiVersion = '', group = '' } = reference;
  if (!isEnabled(features, 'kreference-group')) {
    if (group !== '') errors.disallowed('group');
    if (apiVersion === '') errors.missing('apiVersion');
    return;
  }
  if (apiVersion === '' && group === '') errors.missing('apiVersion', 'group');
  if (apiVersion !== '' && group !== '' && apiVersion.split('/')[0] !== group) {
    errors.add(
      'both apiVersion and group are specified and they refer to different API groups',
      ['apiVersion', 'group'],
      'set one of them',
    );
  }
}

/** Rules of a KReference; paths begin below it. */
export function validateReference(reference: KReference, rules: ReferenceRules): FieldErrors {
  const errors = new FieldErrors();
  if (reference.name === '') errors.missing('name');
  if (reference.kind === '') errors.missing('kind');
  checkGroup(reference, rules.features, errors);
  const { namespace = '' } = reference;
  const { onlyNamespace = '' } = rules;
  if (namespace !== '' && onlyNamespace !== '' && namespace !== onlyNamespace) {
    errors.add(
      'mismatched namespaces',
      'namespace',
      `parent namespace: ${JSON.stringify(onlyNamespace)} does not match ref: ${JSON.stringify(namespace)}`,
    );
  }
  return errors;
}

const FORBIDDEN_IN_URI = /[\u0000-\u0020\u007f]/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function checkAbsoluteUri(uri: string, errors: FieldErrors): void {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    errors.invalidValue(uri, 'uri', 'expected a URL such as http://example.com/path');
    return;
  }
  if (url.username !== '' || url.password !== '') {
    errors.add('must not carry a user name or password', 'uri');
  } else if (!/^https?:\/\/[^/?#]/i.test(uri)) {
    errors.invalidValue(uri, 'uri', 'expected an http or https URL with a host');
  }
}

function checkUri(destination: Destination, errors: FieldErrors): void {
  const { ref, uri } = destination;
  if (uri === undefined) return;
  if (FORBIDDEN_IN_URI.test(uri)) {
    errors.add('must not contain spaces or control characters', 'uri');
  } else if (ref !== undefined) {
    // `//host/path` has no scheme, and still would leave the host of the ref.
    if (SCHEME.test(uri) || /^[/\\]{2}/.test(uri)) {
      errors.add('Absolute URI is not allowed when Ref or [apiVersion, kind, name] is present', [
        '[apiVersion, kind, name]',
        'ref',
        'uri',
      ]);
    }
  } else if (SCHEME.test(uri)) {
    checkAbsoluteUri(uri, errors);
  } else {
    errors.invalidValue(
      'Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent',
      'uri',
    );
  }
}

const PEM_BLOCK = /-----BEGIN ([^-]+)-----[^-]+-----END \1-----/g;

function checkCertificates(pem: string, errors: FieldErrors): void {
  const blocks = [...pem.matchAll(PEM_BLOCK)];
  if (blocks.length === 0) {
    errors.invalidValue('CA Cert provided is invalid', 'CACerts', 'expected certificates in PEM');
  }
  for (const [block, label] of blocks) {
    if (label !== 'CERTIFICATE') {
      errors.invalidValue('CA Cert provided is not a certificate', 'CACerts');
      return;
    }
    try {
      new X509Certificate(block);
    } catch {
      errors.invalidValue('CA Cert provided is invalid', 'CACerts', 'a certificate cannot be read');
      return;
    }
  }
}

/** Rules of a Destination; paths begin below it. */
export function validateDestination(destination: Destination, rules: ReferenceRules): FieldErrors {
  const errors = new FieldErrors();
  const { ref, uri, CACerts } = destination;
  if (ref === undefined && uri === undefined)
    return errors.add(NEITHER_REF_NOR_URI, ['ref', 'uri']);
  if (ref !== undefined) errors.merge(validateReference(ref, rules), 'ref');
  checkUri(destination, errors);
  if (CACerts !== undefined) checkCertificates(CACerts, errors);
  return errors;
}
