/** ServiceAccount: who a program is. Nothing here gives it rights; sources and sinks name one. */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { objectReferenceSchema } from '../../duck/reference.ts';
import { mergingList } from './merging-list.ts';

const serviceAccountSchema = z.strictObject({
  ...typeShape('v1', 'ServiceAccount'),
  secrets: mergingList(objectReferenceSchema, { keys: ['name'] })
    .exactOptional()
    .describe('Secrets that programs with this account may use.'),
  imagePullSecrets: z
    .array(z.strictObject({ name: z.string().exactOptional() }))
    .exactOptional()
    .describe('Secrets for pulling images.'),
  automountServiceAccountToken: z
    .boolean()
    .exactOptional()
    .describe('Whether programs get a token of the account.'),
});

/** A ServiceAccount. */
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;

/** v1 ServiceAccount. */
export const serviceAccountKind = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  schema: serviceAccountSchema,
  shortNames: ['sa'],
  hasStatus: false,
  isBuiltin: true,
  hasMergingLists: true,
  printerColumns: [COLUMNS.age],
});
