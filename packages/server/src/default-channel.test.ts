import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { connectionObjects, defaultChannelTemplate } from './default-channel.ts';

describe('the default channel', () => {
  it('is in memory, durable with a data directory, and what the configuration says before both', () => {
    const kindOf = (config: object) => defaultChannelTemplate(parseConfig(config)).kind;
    expect(kindOf({})).toBe('InMemoryChannel');
    expect(kindOf({ dataDir: '/data' })).toBe('DurableChannel');
    expect(kindOf({ dataDir: '/data', channel: { type: 'memory' } })).toBe('InMemoryChannel');
  });

  it('on Kafka brings the config maps that say where it is', () => {
    const config = parseConfig({
      channel: {
        type: 'kafka',
        kafka: { bootstrapServers: 'localhost:9092', partitions: 3, secret: 'kafka-auth' },
      },
    });
    expect(defaultChannelTemplate(config)).toMatchObject({
      kind: 'KafkaChannel',
      spec: { numPartitions: 3, replicationFactor: 1 },
    });
    const objects = connectionObjects(config);
    expect(objects.map(({ metadata }) => metadata.name)).toEqual([
      'kafka-channel-config',
      'kafka-broker-config',
    ]);
    expect(objects[0]).toMatchObject({
      data: { 'bootstrap.servers': 'localhost:9092', 'auth.secret.ref.name': 'kafka-auth' },
    });
  });

  it('on RabbitMQ brings the secret with its address', () => {
    const config = parseConfig({
      channel: { type: 'rabbitmq', rabbitmq: { url: 'amqp://guest:guest@localhost/x' } },
    });
    const { spec } = defaultChannelTemplate(config) as unknown as {
      spec: { rabbitmqClusterReference: { connectionSecret: { name: string } } };
    };
    const [secret] = connectionObjects(config);
    expect(secret).toMatchObject({
      kind: 'Secret',
      metadata: { name: spec.rabbitmqClusterReference.connectionSecret.name },
      stringData: { uri: 'amqp://guest:guest@localhost/x' },
    });
  });

  it('that brings nothing leaves the objects to the user', () => {
    expect(connectionObjects(parseConfig({}))).toEqual([]);
  });

  it.each([
    [{ channel: { type: 'durable' } }, 'dataDir'],
    [{ channel: { type: 'kafka' } }, 'AFFLUX_KAFKA_BOOTSTRAP_SERVERS'],
    [{ channel: { type: 'rabbitmq' } }, 'AFFLUX_RABBITMQ_URL'],
    [{ channel: { type: 'disk' } }, 'channel.type'],
    [{ channel: { rabbitmq: { url: 'http://localhost' } } }, 'channel.rabbitmq.url'],
  ])('T30 %j is refused with what is missing, and without the address', (config, word) => {
    expect(() => parseConfig(config)).toThrow(word);
  });
});
