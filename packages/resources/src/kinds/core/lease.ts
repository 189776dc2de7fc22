/** Lease: a lock with a holder and a time, by which replicas agree who leads. */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { microTimeSchema } from './event-times.ts';

const leaseSchema = z.strictObject({
  ...typeShape('coordination.k8s.io/v1', 'Lease'),
  spec: z
    .strictObject({
      holderIdentity: z.string().exactOptional().describe('Who holds it.'),
      leaseDurationSeconds: z
        .int()
        .min(1)
        .meta({ format: 'int32' })
        .exactOptional()
        .describe('How long others wait after the last renewal.'),
      acquireTime: microTimeSchema.exactOptional().describe('When the holder got it.'),
      renewTime: microTimeSchema.exactOptional().describe('When the holder was last heard of.'),
      leaseTransitions: z
        .int()
        .min(0)
        .meta({ format: 'int32' })
        .exactOptional()
        .describe('How often the holder changed.'),
      strategy: z.string().exactOptional(),
      preferredHolder: z.string().exactOptional(),
    })
    .exactOptional(),
});

/** A Lease. */
export type Lease = z.infer<typeof leaseSchema>;

/** coordination.k8s.io/v1 Lease. */
export const leaseKind = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  schema: leaseSchema,
  hasStatus: false,
  isBuiltin: true,
  printerColumns: [
    { name: 'Holder', type: 'string', jsonPath: '.spec.holderIdentity' },
    COLUMNS.age,
  ],
});
