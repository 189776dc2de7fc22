/**
 * CustomResourceDefinition: a kind that somebody adds. Checked is what kube-apiserver checks first: names, one
 * storage version, a structural schema for each version. Its rules in CEL are carried and not compiled; see
 * `crdWarnings`.
 */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { mergingList } from '../core/merging-list.ts';
import { fillCrdDefaults, validateCrd } from './crd-rules.ts';

const namesSchema = z.strictObject({
  plural: z.string().describe('Name in addresses.'),
  singular: z.string().exactOptional().describe('The kind in lower case by default.'),
  shortNames: z.array(z.string()).exactOptional().describe('Short names for command lines.'),
  kind: z.string().describe('Kind of the objects.'),
  listKind: z.string().exactOptional().describe('The kind and List by default.'),
  categories: z.array(z.string()).exactOptional().describe('Groups of kinds, such as all.'),
});

const columnSchema = z.strictObject({
  name: z.string(),
  type: z.string(),
  format: z.string().exactOptional(),
  description: z.string().exactOptional(),
  priority: z.int().meta({ format: 'int32' }).exactOptional(),
  jsonPath: z.string(),
});

const versionSchema = z.strictObject({
  name: z.string().describe('Name of the version, such as v1beta1.'),
  served: z.boolean().describe('Whether there is an address for it.'),
  storage: z.boolean().describe('Whether objects are stored in it; true for exactly one.'),
  deprecated: z.boolean().exactOptional(),
  deprecationWarning: z.string().exactOptional(),
  schema: z
    .strictObject({
      openAPIV3Schema: z.record(z.string(), z.unknown()).exactOptional(),
    })
    .exactOptional()
    .describe('What objects look like.'),
  subresources: z
    .strictObject({
      status: z.record(z.string(), z.unknown()).exactOptional(),
      scale: z
        .strictObject({
          specReplicasPath: z.string(),
          statusReplicasPath: z.string(),
          labelSelectorPath: z.string().exactOptional(),
        })
        .exactOptional(),
    })
    .exactOptional(),
  additionalPrinterColumns: z.array(columnSchema).exactOptional().describe('Columns of tables.'),
  selectableFields: z
    .array(z.strictObject({ jsonPath: z.string() }))
    .exactOptional()
    .describe('Fields that lists can select by.'),
});

const specSchema = z.strictObject({
  group: z.string(),
  names: namesSchema,
  scope: z.enum(['Cluster', 'Namespaced']),
  versions: z.array(versionSchema),
  conversion: z
    .strictObject({
      strategy: z.enum(['None', 'Webhook']),
      webhook: z.record(z.string(), z.unknown()).exactOptional(),
    })
    .exactOptional()
    .describe('How versions become each other.'),
  preserveUnknownFields: z.literal(false).exactOptional(),
});

const conditionSchema = z.strictObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  lastTransitionTime: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

const statusSchema = z.strictObject({
  conditions: mergingList(conditionSchema, { keys: ['type'] }).exactOptional(),
  acceptedNames: z
    .strictObject({
      ...namesSchema.shape,
      plural: z.string().exactOptional(),
      kind: z.string().exactOptional(),
    })
    .exactOptional(),
  storedVersions: z.array(z.string()).exactOptional(),
  observedGeneration: z.int().exactOptional(),
});

const crdSchema = z.strictObject({
  ...typeShape('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  spec: specSchema,
  status: statusSchema.exactOptional(),
});

/** A CustomResourceDefinition. */
export type CustomResourceDefinition = z.infer<typeof crdSchema>;
/** `spec` of a CustomResourceDefinition. */
export type CustomResourceDefinitionSpec = z.infer<typeof specSchema>;
/** `status` of a CustomResourceDefinition. */
export type CustomResourceDefinitionStatus = z.infer<typeof statusSchema>;
/** One version of the kind. */
export type CustomResourceDefinitionVersion = z.infer<typeof versionSchema>;

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const customResourceDefinitionKind = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  schema: crdSchema,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  isBuiltin: true,
  hasMergingLists: true,
  printerColumns: [
    { name: 'Created At', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { ...COLUMNS.age, priority: 1 },
  ],
  fillDefaults: fillCrdDefaults,
  validate: (crd, _context, old) => validateCrd(crd, old),
});
