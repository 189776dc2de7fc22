/**
 * Kafka and RabbitMQ in containers, for machines that have a Docker engine and no servers of their own. Images are
 * named by the environment, so that local ones work.
 */
import { createServer, type AddressInfo } from 'node:net';
import { KafkaContainer } from '@testcontainers/kafka';
import { RabbitMQContainer } from '@testcontainers/rabbitmq';
import { GenericContainer, Wait } from 'testcontainers';

/** What tests find the server by, and how it ends. */
export interface Started {
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

const CP_KAFKA_IMAGE = 'confluentinc/cp-kafka:8.0.0';
const RABBITMQ_IMAGE = 'rabbitmq:3.13-management';
const RABBITMQ_MANAGEMENT_PORT = 15_672;
const RABBITMQ_USER = 'guest:guest';

export async function startKafka(environment: NodeJS.ProcessEnv): Promise<Started> {
  const plainImage = environment['AFFLUX_TEST_KAFKA_IMAGE'];
  const confluentImage = environment['AFFLUX_TEST_CP_KAFKA_IMAGE'];
  if (confluentImage === undefined && plainImage !== undefined) return startPlainKafka(plainImage);
  const container = await new KafkaContainer(confluentImage ?? CP_KAFKA_IMAGE).start();
  const address = `${container.getHost()}:${String(container.getMappedPort(9093))}`;
  return { variables: { AFFLUX_TEST_KAFKA: address }, stop: () => container.stop() };
}

/** An image that does nothing by itself about the address that clients are told: it must be known before. */
async function startPlainKafka(image: string): Promise<Started> {
  const host = await freePort();
  const address = `127.0.0.1:${String(host)}`;
  const container = await new GenericContainer(image)
    .withExposedPorts({ container: 9092, host })
    .withEnvironment({ KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${address}` })
    .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
    .start();
  return { variables: { AFFLUX_TEST_KAFKA: address }, stop: () => container.stop() };
}

export async function startRabbitmq(environment: NodeJS.ProcessEnv): Promise<Started> {
  const image = environment['AFFLUX_TEST_RABBITMQ_IMAGE'] ?? RABBITMQ_IMAGE;
  const container = await new RabbitMQContainer(image).start();
  const url = container.getAmqpUrl().replace('amqp://', `amqp://${RABBITMQ_USER}@`);
  const management = `${container.getHost()}:${String(container.getMappedPort(RABBITMQ_MANAGEMENT_PORT))}`;
  return {
    variables: {
      AFFLUX_TEST_AMQP: `${url}/`,
      AFFLUX_TEST_AMQP_MANAGEMENT: `http://${RABBITMQ_USER}@${management}`,
    },
    stop: () => container.stop(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
