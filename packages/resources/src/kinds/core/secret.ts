/** Secret: like a ConfigMap, with values that never appear in messages. */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import type { FieldErrors } from '../../field-errors.ts';
import { textMapSchema } from '../../metadata.ts';
import {
  validateBase64,
  validateDataKeys,
  validateDataSize,
  validateImmutable,
} from './data-rules.ts';

const secretSchema = z.strictObject({
  ...typeShape('v1', 'Secret'),
  data: textMapSchema.exactOptional().describe('Bytes by key, in base64.'),
  stringData: textMapSchema.exactOptional().describe('Texts to put into data.'),
  type: z.string().exactOptional().describe('What the secret is for.'),
  immutable: z.boolean().exactOptional().describe('Whether the data may never change.'),
});

/** A Secret. */
export type Secret = z.infer<typeof secretSchema>;

/** As Kubernetes: `stringData` is only a way to write `data`, and wins over it. */
function fillDefaults(secret: Secret): void {
  secret.type ??= 'Opaque';
  if (secret.stringData === undefined) return;
  const encoded = Object.entries(secret.stringData).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}

function validate(secret: Secret, _context: unknown, old?: Secret): FieldErrors {
  const errors = validateDataKeys(secret.data, 'data')
    .merge(validateBase64(secret.data, 'data'))
    .merge(validateDataSize([secret.data]))
    .merge(validateImmutable(secret, old, ['data']));
  if (old !== undefined && old.type !== secret.type) {
    const message = 'field is immutable';
    const head = `Invalid value: ${JSON.stringify(secret.type)}: ${message}`;
    const cause = { reason: 'FieldValueInvalid', head } as const;
    errors.addProblem({ message, paths: ['type'], cause });
  }
  return errors;
}

/** v1 Secret. */
export const secretKind = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  schema: secretSchema,
  hasStatus: false,
  isBuiltin: true,
  selectableFields: ['type'],
  printerColumns: [{ name: 'Type', type: 'string', jsonPath: '.type' }, COLUMNS.age],
  fillDefaults,
  validate,
});
