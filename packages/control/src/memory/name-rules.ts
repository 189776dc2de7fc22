/**
 * What metadata may look like: Kubernetes' rules, because a manifest that works here has to work there. The
 * store applies them to every write, whoever made it and whatever admission let pass. Pure.
 */
import { isDnsLabel, isDnsSubdomain, isServiceName } from '@afflux/resources';
import type { FieldRefusal } from '../store/refusals.ts';

const QUALIFIED_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Length of a label's value and of the last part of its key. */
const LABEL_LENGTH_MAX = 63;
/** Bytes of all annotations of one object, keys and values (Kubernetes: 256 KiB). */
const ANNOTATION_BYTES_MAX = 262_144;

/** `[prefix/]name`, the form of label keys, annotation keys and finalizers. */
function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const hasGoodName = name.length <= LABEL_LENGTH_MAX && QUALIFIED_PART.test(name);
  return hasGoodName && (slash === -1 || isDnsSubdomain(text.slice(0, slash)));
}

const NAME_RULES = {
  subdomain: {
    test: isDnsSubdomain,
    detail:
      'at most 253 lower-case letters, digits, "-" and "."; each part begins and ends with a letter or digit',
  },
  label: {
    test: isDnsLabel,
    detail: 'at most 63 lower-case letters, digits and "-"; begins and ends with a letter or digit',
  },
  service: {
    test: isServiceName,
    detail:
      'at most 63 lower-case letters, digits and "-"; begins with a letter, ends with a letter or digit',
  },
} as const;

/** Kinds whose names are host names of one part; all others take a DNS subdomain. */
function nameRuleOf(group: string, plural: string): keyof typeof NAME_RULES {
  if (group !== '') return 'subdomain';
  if (plural === 'services') return 'service';
  return plural === 'namespaces' ? 'label' : 'subdomain';
}

/** Problems of `metadata.name`. */
export function checkName(group: string, plural: string, name: string): FieldRefusal[] {
  if (name === '') {
    return [
      {
        field: 'metadata.name',
        problem: 'Required value',
        detail: 'name or generateName is required',
      },
    ];
  }
  const { test, detail } = NAME_RULES[nameRuleOf(group, plural)];
  return test(name)
    ? []
    : [{ field: 'metadata.name', problem: 'Invalid value', value: name, detail }];
}

/** Problems of `metadata.generateName`: a name to which only a dash at its end is forgiven. */
export function checkGenerateName(group: string, plural: string, prefix = ''): FieldRefusal[] {
  const { test, detail } = NAME_RULES[nameRuleOf(group, plural)];
  const masked = prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
  if (prefix === '' || test(masked)) return [];
  return [{ field: 'metadata.generateName', problem: 'Invalid value', value: prefix, detail }];
}

/** Problems of `metadata.namespace`: there for namespaced kinds and only for them. */
export function checkNamespace(namespaced: boolean, namespace: string | undefined): FieldRefusal[] {
  const field = 'metadata.namespace';
  if (!namespaced) {
    return namespace === undefined
      ? []
      : [{ field, problem: 'Forbidden', detail: 'not allowed on this type' }];
  }
  if (namespace === undefined || namespace === '') return [{ field, problem: 'Required value' }];
  const { test, detail } = NAME_RULES.label;
  return test(namespace) ? [] : [{ field, problem: 'Invalid value', value: namespace, detail }];
}

function badKey(field: string, key: string): FieldRefusal {
  return {
    field,
    problem: 'Invalid value',
    value: key,
    detail:
      'must be an optional DNS subdomain and "/", then at most 63 letters, digits, "-", "_" and "."',
  };
}

/** Problems of `metadata.labels`. */
export function checkLabels(labels: Readonly<Record<string, string>>): FieldRefusal[] {
  const refusals: FieldRefusal[] = [];
  for (const [key, value] of Object.entries(labels)) {
    if (!isQualifiedName(key)) refusals.push(badKey('metadata.labels', key));
    if (value !== '' && (value.length > LABEL_LENGTH_MAX || !QUALIFIED_PART.test(value))) {
      refusals.push({
        field: 'metadata.labels',
        problem: 'Invalid value',
        value,
        detail: 'must be empty or at most 63 letters, digits, "-", "_" and "."',
      });
    }
  }
  return refusals;
}

/** Problems of `metadata.annotations`. */
export function checkAnnotations(annotations: Readonly<Record<string, string>>): FieldRefusal[] {
  const refusals: FieldRefusal[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (!isQualifiedName(key.toLowerCase())) refusals.push(badKey('metadata.annotations', key));
  }
  if (bytes > ANNOTATION_BYTES_MAX) {
    refusals.push({
      field: 'metadata.annotations',
      problem: 'Invalid value',
      detail: `${String(bytes)} bytes in all; at most ${String(ANNOTATION_BYTES_MAX)} are allowed`,
    });
  }
  return refusals;
}

/** Problems of `metadata.finalizers`. */
export function checkFinalizers(finalizers: readonly string[]): FieldRefusal[] {
  return finalizers
    .filter((finalizer) => !isQualifiedName(finalizer))
    .map((finalizer) => badKey('metadata.finalizers', finalizer));
}
