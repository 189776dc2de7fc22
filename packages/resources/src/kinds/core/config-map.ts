/** ConfigMap: settings as text. */
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

const configMapSchema = z.strictObject({
  ...typeShape('v1', 'ConfigMap'),
  data: textMapSchema.exactOptional().describe('Texts by key.'),
  binaryData: textMapSchema.exactOptional().describe('Bytes by key, in base64.'),
  immutable: z.boolean().exactOptional().describe('Whether the data may never change.'),
});

/** A ConfigMap. */
export type ConfigMap = z.infer<typeof configMapSchema>;

function validate(configMap: ConfigMap, _context: unknown, old?: ConfigMap): FieldErrors {
  const { data, binaryData } = configMap;
  const errors = validateDataKeys(data, 'data')
    .merge(validateDataKeys(binaryData, 'binaryData'))
    .merge(validateBase64(binaryData, 'binaryData'))
    .merge(validateDataSize([data, binaryData]))
    .merge(validateImmutable(configMap, old, ['data', 'binaryData']));
  for (const key of Object.keys(data ?? {})) {
    if (Object.hasOwn(binaryData ?? {}, key)) {
      errors.add('expected exactly one, got both', [`binaryData[${key}]`, `data[${key}]`]);
    }
  }
  return errors;
}

/** v1 ConfigMap. */
export const configMapKind = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  schema: configMapSchema,
  shortNames: ['cm'],
  hasStatus: false,
  isBuiltin: true,
  printerColumns: [COLUMNS.age],
  validate,
});
