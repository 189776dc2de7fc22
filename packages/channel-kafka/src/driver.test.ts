/** The conformance kit of the channel SPI, on a real Kafka. */
import { testChannel } from '@afflux/channels/testkit';
import { describe, test } from 'vitest';
import { KAFKA_CAPABILITIES, kafkaDriver } from './driver.ts';

const servers = process.env['AFFLUX_TEST_KAFKA'];

if (servers === undefined) {
  describe.skip('channel driver kafka (AFFLUX_TEST_KAFKA is not set)', () => {
    test('passes the kit', () => undefined);
  });
} else {
  testChannel({
    name: 'kafka',
    driver: () => kafkaDriver(),
    capabilities: KAFKA_CAPABILITIES,
    isRealTime: true,
    waivers: {
      'subscribing again changes the selector in place and keeps backlog and reader':
        'a selector is asked when a record is read, which may be after it was changed',
    },
    config: (name: string) => ({
      bootstrapServers: servers.split(','),
      topic: name,
      partitions: 4,
      replicationFactor: 1,
      addOffsetAttributes: false,
      sessionTimeoutMs: 6_000,
      heartbeatIntervalMs: 500,
      fetchWaitMs: 100,
    }),
  });
}
