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

const stringMap = z.record(z.string(), z.string());

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
  labels: stringMap.exactOptional(),
  annotations: stringMap.exactOptional(),
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

function checkName(meta: ObjectMeta, rule: NameRule, errors: FieldErrors): void {
  if (meta.name !== '') {
    if (!rule.isValid(meta.name)) errors.invalidValue(meta.name, 'name', rule.expected);
    return;
  }
  const { generateName = '' } = meta;
  // A generated name is the prefix and five characters, so any of those stands for it.
  if (generateName === '') {
    const head = 'Required value: name or generateName is required';
    const cause = { reason: 'FieldValueRequired', head } as const;
    errors.addProblem({ message: 'missing field(s)', paths: ['name'], cause });
  } else if (!rule.isValid(`${generateName}x`)) {
    errors.invalidValue(generateName, 'generateName', rule.expected);
  }
}

function checkNamespace(meta: ObjectMeta, namespaced: boolean, errors: FieldErrors): void {
  const { namespace = '' } = meta;
  if (namespace === '') return;
  if (!namespaced)
    errors.add('must not set the field(s)', 'namespace', 'the kind has no namespaces');
  else if (!isDnsLabel(namespace)) errors.invalidValue(namespace, 'namespace', DNS_LABEL_WORDS);
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
