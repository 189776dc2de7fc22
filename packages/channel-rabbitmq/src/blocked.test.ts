import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench, event, refusal, soon, subscribe, take } from './testing/bench.ts';
import { dropVhost, makeVhost, realServer, skipReason } from './testing/real.ts';

/** Runs the server's own command; the server must be nobody else's, because its alarm stops everybody. */
const tool = process.env['AFFLUX_TEST_AMQP_OWN_TOOL'];
const reason =
  skipReason(process.env) ??
  (tool === undefined ? 'AFFLUX_TEST_AMQP_OWN_TOOL is not set' : undefined);

describe.skipIf(reason !== undefined)(`a memory alarm of the server ${reason ?? ''}`, () => {
  const server = realServer(process.env);
  const bench = new Bench(server);
  const watermark = (...value: string[]) =>
    promisify(execFile)(tool ?? '', ['rabbitmqctl', 'set_vm_memory_high_watermark', ...value]);
  beforeAll(() => makeVhost(server));
  afterAll(async () => {
    await watermark('0.4');
    await bench.close();
    await dropVhost(server);
  });

  test('refuses publishers at once, goes on delivering, and ends by itself', async () => {
    const channel = await bench.open();
    const subscription = await subscribe(channel);
    await channel.publish([event(), event()]);
    await watermark('absolute', '1');
    // The server says so with the first publish that it does not take.
    const first = Promise.resolve(channel.publish([event()])).catch(() => undefined);
    await soon(() => channel.describe().trouble?.includes('takes nothing'));
    const error = await refusal(() => channel.publish([event()]));
    expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_UNAVAILABLE', retryAfterMs: 5_000 });
    (await take(subscription)).ack();
    (await take(subscription)).release({ delayMs: 0, progress: 'kept in memory' });
    await watermark('0.4');
    await soon(() => channel.describe().trouble === undefined);
    await channel.publish([event()]);
    // What was sent before the alarm waits for its confirm, and has it now.
    await first;
    const again = await take(subscription);
    again.ack();
    await soon(() => {
      subscription.take()?.ack();
      return channel.describe().events === 0;
    });
  }, 60_000);
});
