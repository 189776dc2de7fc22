/** The servers that a run was given are really there. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';

const kafka = process.env['AFFLUX_TEST_KAFKA'];
const amqp = process.env['AFFLUX_TEST_AMQP'];

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

describe.skipIf(kafka === undefined)('Kafka', () => {
  it.each((kafka ?? '').split(','))('listens at %s', async (address) => {
    const { hostname, port } = new URL(`kafka://${address}`);
    expect(await opens(hostname, Number(port))).toBe(true);
  });
});

describe.skipIf(amqp === undefined)('RabbitMQ', () => {
  it('listens where its URL says', async () => {
    const { hostname, port } = new URL(amqp ?? 'amqp://localhost');
    expect(await opens(hostname, Number(port || '5672'))).toBe(true);
  });
});
