/**
 * `metadata` of every kind: its schema, which takes all of Kubernetes' fields so that the output of
 * `kubectl get -o yaml` can be applied again, and the rules for names, labels and annotations.
 */
import { z } from 'zod';
import { FieldErrors } from './field-errors.ts';
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from './names.ts';
import type { ManagedFields, ObjectMeta, OwnerReference } from './object.ts';

/** Most bytes of all annotations together; Kubernetes' own limit (256 KiB). */
export const ANNOTATION_BYTES_MAX = 256 * 1024;

/**
 * A text, with null read as the empty one. It is a schema of its own kind rather than a `preprocess` around a text, so
 * that whoever reads schemas as data (messages, OpenAPI) finds an ordinary text.
 */
const NullableText = z.core.$constructor<z.ZodString>('NullableText', (schema, def) => {
  z.ZodString.init(schema, def);
  const readText = schema._zod.parse.bind(schema._zod);
  schema._zod.parse = (payload, context) => {
    if ((payload.value as unknown) === null) payload.value = '';
    return readText(payload, context);
  };
});

/** A map from texts to texts of Kubernetes' own kinds. As in Go, where a null leaves the text as it begins: empty. */
export const textMapSchema: z.ZodType<Record<string, string>> = z.record(
  z.string(),
  new NullableText({ type: 'string' }),
);

const ownerReferenceSchema: z.ZodType<OwnerReference> = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().exactOptional(),
  blockOwnerDeletion: z.boolean().exactOptional(),
});

const managedFieldsSchema: z.ZodType<ManagedFields> = z.strictObject({
  manager: z.string().exactOptional(),
  operation: z.string().exactOptional(),
  apiVersion: z.string().exactOptional(),
  time: z.string().exactOptional(),
  fieldsType: z.string().exactOptional(),
  fieldsV1: z.record(z.string(), z.unknown()).exactOptional(),
  subresource: z.string().exactOptional(),
});

/** The schema of `metadata`. An absent name is read as empty: the store makes one from `generateName`. */
export const metadataSchema: z.ZodType<ObjectMeta> = z.strictObject({
  name: z.string().prefault(''),
  generateName: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  uid: z.string().exactOptional(),
  resourceVersion: z.string().exactOptional(),
  generation: z.int().exactOptional(),
  creationTimestamp: z.string().exactOptional(),
  deletionTimestamp: z.string().exactOptional(),
  deletionGracePeriodSeconds: z.int().exactOptional(),
  labels: textMapSchema.exactOptional(),
  annotations: textMapSchema.exactOptional(),
  finalizers: z.array(z.string()).exactOptional(),
  ownerReferences: z.array(ownerReferenceSchema).exactOptional(),
  managedFields: z.array(managedFieldsSchema).exactOptional(),
  selfLink: z.string().exactOptional(),
});

/** How a kind wants its objects named. */
export interface NameRule {
  readonly isValid: (name: string) => boolean;
  readonly expected: string;
}

/** What most kinds use. */
export const SUBDOMAIN_NAME: NameRule = {
  isValid: isDnsSubdomain,
  expected:
    "expected a DNS-1123 subdomain: lower-case letters, digits, '-' and '.', a letter or digit at both ends of each part, at most 253 characters",
};

const DNS_LABEL_WORDS =
  "expected a DNS-1123 label: lower-case letters, digits and '-', a letter or digit at both ends, at most 63 characters";

/** Names of namespaces. */
export const LABEL_NAME: NameRule = { isValid: isDnsLabel, expected: DNS_LABEL_WORDS };

/**
 * What kube-apiserver judges in place of a prefix: a name to which only a dash at its end is forgiven. So a prefix that
 * ends with a dot is refused, although a name may begin with it (`NameIsDNSSubdomain` with `prefix`).
 */
function maskedPrefix(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
}

function checkName(meta: ObjectMeta, rule: NameRule, errors: FieldErrors): void {
  const { name, generateName = '' } = meta;
  if (generateName !== '' && !rule.isValid(maskedPrefix(generateName))) {
    errors.invalidValue(generateName, 'generateName', rule.expected);
  }
  if (name !== '') {
    if (!rule.isValid(name)) errors.invalidValue(name, 'name', rule.expected);
  } else if (generateName === '') {
    const head = 'Required value: name or generateName is required';
    const cause = { reason: 'FieldValueRequired', head } as const;
    errors.addProblem({ message: 'missing field(s)', paths: ['name'], cause });
  }
}

/** That of an object without a namespace is not looked at: whoever stores the object drops it, as kube-apiserver does. */
function checkNamespace(meta: ObjectMeta, namespaced: boolean, errors: FieldErrors): void {
  const { namespace = '' } = meta;
  if (namespace === '' || !namespaced || isDnsLabel(namespace)) return;
  errors.invalidValue(namespace, 'namespace', DNS_LABEL_WORDS);
}

function checkLabels(labels: Readonly<Record<string, string>>, errors: FieldErrors): void {
  for (const [key, value] of Object.entries(labels)) {
    const path = `labels[${key}]`;
    if (!isQualifiedName(key))
      errors.invalidKey(key, path, 'expected a label name such as app or example.com/app');
    if (!isLabelValue(value)) {
      errors.invalidValue(
        value,
        path,
        "expected at most 63 letters, digits, '-', '_' and '.', a letter or digit at both ends",
      );
    }
  }
}

function checkAnnotations(
  annotations: Readonly<Record<string, string>>,
  errors: FieldErrors,
): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    // Kubernetes ignores letter case here, unlike in labels.
    if (!isQualifiedName(key.toLowerCase())) {
      errors.invalidKey(
        key,
        `annotations[${key}]`,
        'expected an annotation name such as note or example.com/note',
      );
    }
  }
  if (bytes > ANNOTATION_BYTES_MAX) {
    errors.add(
      `expected at most ${String(ANNOTATION_BYTES_MAX)} bytes of annotations, found ${String(bytes)}`,
      'annotations',
    );
  }
}

/** Kubernetes' rules for metadata; paths begin below `metadata`. */
export function validateMetadata(
  meta: ObjectMeta,
  { namespaced, nameRule }: { readonly namespaced: boolean; readonly nameRule: NameRule },
): FieldErrors {
  const errors = new FieldErrors();
  checkName(meta, nameRule, errors);
  checkNamespace(meta, namespaced, errors);
  checkLabels(meta.labels ?? {}, errors);
  checkAnnotations(meta.annotations ?? {}, errors);
  return errors;
}
