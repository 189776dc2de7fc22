/** Namespace: where objects live. Has no namespace itself. */
import { z } from 'zod';
import { NAMESPACE_NAME_LABEL } from '../../annotations.ts';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { LABEL_NAME } from '../../metadata.ts';
import { coreConditionSchema } from './conditions.ts';
import { mergingList } from './merging-list.ts';

const namespaceSchema = z.strictObject({
  ...typeShape('v1', 'Namespace'),
  spec: z.strictObject({ finalizers: z.array(z.string()).exactOptional() }).exactOptional(),
  status: z
    .strictObject({
      phase: z.enum(['Active', 'Terminating']).exactOptional(),
      conditions: mergingList(coreConditionSchema, { keys: ['type'] }).exactOptional(),
    })
    .exactOptional(),
});

/** A Namespace. */
export type Namespace = z.infer<typeof namespaceSchema>;

/** Nothing has to be prepared in a namespace, so that it is in use from the beginning. */
function fillDefaults(namespace: Namespace): void {
  const { metadata } = namespace;
  namespace.status = { phase: 'Active', ...namespace.status };
  if (metadata.name === '') return;
  metadata.labels = { ...metadata.labels, [NAMESPACE_NAME_LABEL]: metadata.name };
}

/** v1 Namespace. */
export const namespaceKind = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  schema: namespaceSchema,
  shortNames: ['ns'],
  namespaced: false,
  isBuiltin: true,
  hasMergingLists: true,
  selectableFields: ['status.phase'],
  nameRule: LABEL_NAME,
  printerColumns: [{ name: 'Status', type: 'string', jsonPath: '.status.phase' }, COLUMNS.age],
  fillDefaults,
});
