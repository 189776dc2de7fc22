/**
 * The limit for Kafka and RabbitMQ: a loop of publishers straight on the client library, with the guarantees that
 * the channel gives (all replicas, or a confirm) and the message that a CloudEvent is there, nothing around it. `<kafka|rabbitmq> <address> <topic|exchange>`.
 */
import { connect } from 'amqplib';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import { serveQuestions } from './child.ts';
import { EVENT_TYPE, KIB } from './stage.ts';

export interface PublishLoad {
  readonly publishers: number;
  readonly events: number;
}

const BODY = Buffer.alloc(KIB, 'x');

/** Attributes as message headers: `ce_…` on Kafka, bare names on RabbitMQ. */
function headers(prefix: string, id: string): Record<string, string> {
  return {
    [`${prefix}specversion`]: '1.0',
    [`${prefix}id`]: id,
    [`${prefix}source`]: '/bench/producer',
    [`${prefix}type`]: EVENT_TYPE,
    [`${prefix}time`]: '2026-11-22T10:00:00Z',
    [`${prefix}subject`]: 'orders/4711',
    'content-type': 'application/octet-stream',
  };
}

let sent = 0;

function newId(): string {
  sent += 1;
  return String(sent);
}

async function kafka(address: string, topic: string): Promise<() => Promise<unknown>> {
  const client = new Kafka({
    clientId: 'bench',
    brokers: address.split(','),
    logLevel: logLevel.ERROR,
  });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return () =>
    producer.send({
      topic,
      acks: -1,
      messages: [{ value: BODY, headers: headers('ce_', newId()) }],
    });
}

async function rabbitmq(address: string, exchange: string): Promise<() => Promise<unknown>> {
  const connection = await connect(address);
  const channel = await connection.createConfirmChannel();
  return () =>
    new Promise<void>((resolve, reject) => {
      const messageId = newId();
      const options = {
        persistent: true,
        mandatory: true,
        headers: headers('', messageId),
        contentType: 'application/octet-stream',
        messageId,
      };
      channel.publish(exchange, '', BODY, options, (error: unknown) => {
        if (error === null || error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('refused'));
      });
    });
}

/** Each publisher sends its next event when the last one is acknowledged. */
export async function publishLoop(
  publish: () => Promise<unknown>,
  { publishers, events }: PublishLoad,
): Promise<number> {
  let left = events;
  const started = performance.now();
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await publish();
    }
  };
  await Promise.all(Array.from({ length: publishers }, one));
  return (events * 1000) / (performance.now() - started);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [backEnd = '', address = '', target = ''] = process.argv.slice(2);
  await serveQuestions(async () => {
    const publish = await (backEnd === 'kafka' ? kafka : rabbitmq)(address, target);
    return { publish: (load) => publishLoop(publish, load as PublishLoad) };
  });
}
