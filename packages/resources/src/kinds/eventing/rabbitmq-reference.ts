/** Where a RabbitMQ is, how its queues are made: the part that RabbitmqBrokerConfig and RabbitmqChannel share. */
import { z } from 'zod';
import type { FieldErrors } from '../../field-errors.ts';
import { withRules } from '../../schema/in-crd.ts';

/** Schema of {@link RabbitmqClusterReference}. */
export const rabbitmqClusterReferenceSchema = withRules(
  z.strictObject({
    name: z
      .string()
      .exactOptional()
      .describe('A RabbitmqCluster; its Secret is <name>-default-user.'),
    namespace: z.string().exactOptional().describe('Namespace of the cluster or the Secret.'),
    connectionSecret: z
      .strictObject({ name: z.string().describe('Name of the Secret.') })
      .exactOptional()
      .describe('Secret with uri, username, password, port and caSecretName; instead of name.'),
  }),
  {
    rule: "(has(self.name) && self.name != '') != (has(self.connectionSecret) && self.connectionSecret.name != '')",
    message: 'expected exactly one: connectionSecret.name, name',
  },
);

/** Names a RabbitMQ by its cluster object or by a Secret with its address. */
export type RabbitmqClusterReference = z.infer<typeof rabbitmqClusterReferenceSchema>;

/** Fields of a spec that say which RabbitMQ, and how. */
export const rabbitmqShape = {
  rabbitmqClusterReference: rabbitmqClusterReferenceSchema
    .exactOptional()
    .describe('Which RabbitMQ.'),
  queueType: z
    .enum(['quorum', 'classic'])
    .exactOptional()
    .describe('Type of the queues; only quorum queues survive the loss of a server.'),
  vhost: z.string().exactOptional().describe('Virtual host; the default one by default.'),
};

/** Rules of a reference; paths begin below it. */
export function checkRabbitmqReference(
  reference: RabbitmqClusterReference,
  errors: FieldErrors,
): void {
  const { name = '', connectionSecret } = reference;
  const secret = connectionSecret?.name ?? '';
  if (name === '' && secret === '') {
    const details = 'expected exactly one, got neither';
    errors.add('missing field(s)', ['connectionSecret.name', 'name'], details);
  } else if (name !== '' && secret !== '') {
    errors.add('expected exactly one, got both', ['connectionSecret.name', 'name']);
  }
}
