import { testChannel } from '@afflux/channels/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { rabbitmqDriver } from './driver.ts';
import { configFor, dropVhost, makeVhost, realServer, skipReason } from './testing/real.ts';

const reason = skipReason(process.env);

describe.runIf(reason === undefined)('on a real server', () => {
  const server = realServer(process.env);
  beforeAll(() => makeVhost(server));
  afterAll(() => dropVhost(server));
  testChannel({
    name: 'rabbitmq',
    driver: () => rabbitmqDriver(),
    capabilities: {
      durable: true,
      order: 'total',
      replayable: false,
      competingConsumers: true,
      delayed: true,
      deadLetters: true,
      deduplicates: false,
      maxEventBytes: 16 * 1024 * 1024,
    },
    config: (name: string) => configFor(server, name),
    isRealTime: true,
    waivers: {
      'backlog, attempts and progress survive a restart':
        'the server counts what was read ahead as handed out: attempts may be counted too high',
      'events with one key keep their order under retry and restart':
        'a released event is written anew and may be passed; what a lost consumer had comes later',
    },
  });
});

describe.skipIf(reason === undefined)('without a server', () => {
  test.skip(`the conformance kit (skipped: ${reason ?? ''})`);
});
