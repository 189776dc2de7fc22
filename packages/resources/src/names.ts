/**
 * Names as Kubernetes allows them, and the names that controllers give to what they create.
 *
 * A child's name must fit 63 characters and be the same on every run, so a name that would be too long gives
 * up its middle for a hash of what it was. The algorithm is Knative's, bit by bit, because children created
 * there must be found here.
 */
import { createHash } from 'node:crypto';

/** Longest name that every Kubernetes object accepts, and longest DNS label. */
const NAME_LENGTH_MAX = 63;

/** Longest DNS-1123 subdomain. */
const SUBDOMAIN_LENGTH_MAX = 253;

const HASH_LENGTH = 32;

/** What is left of the parent beside a hash. */
const HEAD_LENGTH = NAME_LENGTH_MAX - HASH_LENGTH;

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const SERVICE_LABEL = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
const KEY_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * Deterministic name of a child: parent + suffix where that fits 63 characters, else shortened with an MD5 of
 * what was cut. Two parents never share a child name in practice. Expects ASCII.
 */
export function childName(parent: string, suffix: string): string {
  if (parent.length <= NAME_LENGTH_MAX - suffix.length) return parent + suffix;
  if (suffix.length < HEAD_LENGTH) {
    return parent.slice(0, HEAD_LENGTH - suffix.length) + md5(parent) + suffix;
  }
  const hashed = parent.slice(0, HEAD_LENGTH) + md5(parent + suffix);
  const padded = hashed + suffix.slice(0, NAME_LENGTH_MAX - hashed.length);
  return padded.replace(/[^a-zA-Z0-9]+$/, '');
}

/** One DNS-1123 label: what namespaces are called. */
export function isDnsLabel(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && LABEL.test(text);
}

/** DNS-1123 subdomain: what most objects are called. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= SUBDOMAIN_LENGTH_MAX && text.split('.').every((part) => LABEL.test(part));
}

/** DNS-1035 label: what Services are called. */
export function isServiceName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && SERVICE_LABEL.test(text);
}

/** Key of a label or an annotation: an optional DNS prefix, a slash, a name. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const isPrefixed = slash === -1 || isDnsSubdomain(text.slice(0, slash));
  return isPrefixed && name.length <= NAME_LENGTH_MAX && KEY_NAME.test(name);
}

/** What kube-apiserver says the name in a qualified name must be. */
export const NAME_PART_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Value of a label; may be empty. */
export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= NAME_LENGTH_MAX && KEY_NAME.test(text));
}
