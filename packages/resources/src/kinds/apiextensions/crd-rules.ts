/** Defaults and rules of CustomResourceDefinitions; the words are kube-apiserver's, who says them to clients. */
import { FieldErrors } from '../../field-errors.ts';
import { isDnsSubdomain, isServiceName } from '../../names.ts';
import { checkPatternsAndDefaults } from '../../openapi/schema-contents.ts';
import { checkStructural } from '../../openapi/structural-problems.ts';
import { APPROVAL_ANNOTATION, approvalOf } from './crd-approval.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from './custom-resource-definition.ts';

const LABEL_EXPECTED =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const MIXED_EXPECTED = `may have mixed case, but should otherwise match: ${LABEL_EXPECTED}`;
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const IMMUTABLE = 'field is immutable';

/** Fills in what follows from the other names. */
export function fillCrdDefaults({ spec }: CustomResourceDefinition): void {
  const { names } = spec;
  if (names.kind !== '') {
    names.singular ??= names.kind.toLowerCase();
    names.listKind ??= `${names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
}

function checkLabel(text: string | undefined, path: string, errors: FieldErrors): void {
  if (text === undefined || isServiceName(text)) return;
  if (text === '') errors.missing(path);
  else errors.invalidValue(text, path, LABEL_EXPECTED);
}

function checkMixedLabel(text: string | undefined, path: string, errors: FieldErrors): void {
  if (text === undefined || isServiceName(text.toLowerCase())) return;
  if (text === '') errors.missing(path);
  else errors.invalidValue(text, path, MIXED_EXPECTED);
}

function checkNames({ names }: CustomResourceDefinitionSpec, errors: FieldErrors): void {
  checkLabel(names.plural, 'spec.names.plural', errors);
  checkLabel(names.singular, 'spec.names.singular', errors);
  checkMixedLabel(names.kind, 'spec.names.kind', errors);
  checkMixedLabel(names.listKind, 'spec.names.listKind', errors);
  for (const field of ['shortNames', 'categories'] as const) {
    for (const [index, text] of (names[field] ?? []).entries()) {
      checkLabel(text, `spec.names.${field}[${String(index)}]`, errors);
    }
  }
  if (names.listKind !== undefined && names.listKind === names.kind) {
    const details = 'kind and listKind may not be the same';
    errors.invalidValue(names.listKind, 'spec.names.listKind', details);
  }
}

function checkGroup(group: string, errors: FieldErrors): void {
  if (group === '') errors.missing('spec.group');
  else if (!group.includes('.')) {
    errors.invalidValue(group, 'spec.group', 'should be a domain with at least one dot');
  } else if (!isDnsSubdomain(group)) {
    errors.invalidValue(group, 'spec.group', 'expected a DNS-1123 subdomain');
  }
}

function checkColumns(version: CustomResourceDefinitionVersion, errors: FieldErrors): void {
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries()) {
    const path = `additionalPrinterColumns[${String(index)}]`;
    if (column.name === '') errors.missing(`${path}.name`);
    if (!COLUMN_TYPES.includes(column.type)) {
      const details = `must be one of ${COLUMN_TYPES.join(',')}`;
      errors.invalidValue(column.type, `${path}.type`, details);
    }
    if (column.jsonPath === '') errors.missing(`${path}.JSONPath`);
    else if (!column.jsonPath.startsWith('.')) {
      const details = 'must be a simple json path starting with .';
      errors.invalidValue(column.jsonPath, `${path}.JSONPath`, details);
    }
  }
}

function checkSubresources(version: CustomResourceDefinitionVersion, errors: FieldErrors): void {
  const { subresources, selectableFields = [] } = version;
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    if (/^(?:\.[A-Za-z_][A-Za-z0-9_-]*)+$/.test(jsonPath)) continue;
    const path = `selectableFields[${String(index)}].jsonPath`;
    errors.invalidValue(jsonPath, path, 'is an invalid path: expected names after dots');
  }
  const { scale } = subresources ?? {};
  if (scale === undefined) return;
  for (const [field, prefix] of [
    ['specReplicasPath', '.spec.'],
    ['statusReplicasPath', '.status.'],
  ] as const) {
    if (scale[field].startsWith(prefix)) continue;
    const path = `subresources.scale.${field}`;
    errors.invalidValue(scale[field], path, `should be a json path under ${prefix.slice(0, -1)}`);
  }
}

function checkVersion(version: CustomResourceDefinitionVersion): FieldErrors {
  const errors = new FieldErrors();
  checkLabel(version.name, 'name', errors);
  if (version.deprecationWarning !== undefined && version.deprecated !== true) {
    const details = 'can only be set for deprecated versions';
    errors.invalidValue(version.deprecationWarning, 'deprecationWarning', details);
  }
  checkColumns(version, errors);
  checkSubresources(version, errors);
  const schema = version.schema?.openAPIV3Schema;
  const path = 'schema.openAPIV3Schema';
  if (schema === undefined) return errors.add('missing field(s)', path, 'schemas are required');
  const structural = checkStructural(schema);
  errors.merge(structural, path);
  // Only where every keyword is what it must be can the contents be looked at.
  return structural.isEmpty ? errors.merge(checkPatternsAndDefaults(schema), path) : errors;
}

function checkVersions(
  { versions }: CustomResourceDefinitionSpec,
  stored: readonly string[],
  errors: FieldErrors,
): void {
  for (const [index, version] of versions.entries()) {
    errors.merge(checkVersion(version), `spec.versions[${String(index)}]`);
  }
  const names = versions.map(({ name }) => name);
  const shown = names.join(', ');
  if (new Set(names).size < names.length) {
    errors.invalidValue(shown, 'spec.versions', 'must contain unique version names');
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const details = 'must have exactly one version marked as storage version';
    errors.invalidValue(shown, 'spec.versions', details);
  }
  for (const [index, name] of stored.entries()) {
    if (names.includes(name)) continue;
    const path = `status.storedVersions[${String(index)}]`;
    errors.invalidValue(name, path, 'must appear in spec.versions');
  }
}

/** What was not approved before may stay so: definitions that are older than the rule can still be changed. */
function checkApproval(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  errors: FieldErrors,
): void {
  const approval = approvalOf(crd);
  if (approval === undefined) return;
  if (old !== undefined && approvalOf(old)?.state === approval.state) return;
  const { state, message: details } = approval;
  if (state !== 'missing' && state !== 'invalid') return;
  const field = `metadata.annotations[${APPROVAL_ANNOTATION}]`;
  const word = crd.metadata.annotations?.[APPROVAL_ANNOTATION] ?? '';
  const [message, cause] =
    state === 'missing'
      ? [
          'missing field(s)',
          { reason: 'FieldValueRequired', head: `Required value: ${details}` } as const,
        ]
      : [
          `invalid value: ${word}`,
          {
            reason: 'FieldValueInvalid',
            head: `Invalid value: ${JSON.stringify(word)}: ${details}`,
          } as const,
        ];
  errors.addProblem({ message, paths: [field], details, cause: { ...cause, field } });
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: state }) => type === 'Established' && state === 'True',
  );
}

/** Rules of a CustomResourceDefinition, on an update also against the stored one. */
export function validateCrd(
  crd: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): FieldErrors {
  const { metadata, spec } = crd;
  const errors = new FieldErrors();
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const details = 'must be spec.names.plural+"."+spec.group';
    errors.invalidValue(metadata.name, 'metadata.name', details);
  }
  checkGroup(spec.group, errors);
  checkNames(spec, errors);
  checkVersions(spec, old?.status?.storedVersions ?? [], errors);
  checkApproval(crd, old, errors);
  if (old === undefined || !isEstablished(old)) return errors;
  if (spec.scope !== old.spec.scope) errors.invalidValue(spec.scope, 'spec.scope', IMMUTABLE);
  if (spec.names.kind !== old.spec.names.kind) {
    errors.invalidValue(spec.names.kind, 'spec.names.kind', IMMUTABLE);
  }
  return errors;
}
