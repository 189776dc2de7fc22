import {
  ChannelHub,
  memoryDriver,
  type Channel,
  type ChannelBacking,
  type ChannelDriver,
} from '@afflux/channels';
import { noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import { expect, it, onTestFinished } from 'vitest';
import { OpenChannels } from './open-channels.ts';

const REF = { kind: 'KafkaChannel', namespace: 'default', name: 'orders' };

async function setUp() {
  const memory = memoryDriver();
  const made: unknown[] = [];
  const taken: unknown[] = [];
  let refusal: Error | undefined;
  const driver: ChannelDriver = {
    ...memory,
    create: (context) => {
      made.push(context.config);
      const channel: Channel = memory.create({ ...context, config: {} });
      channel.reconfigure = (config) => {
        if (refusal !== undefined) throw refusal;
        taken.push(config);
      };
      return channel;
    },
  };
  const world: { backing: ChannelBacking | Error } = {
    backing: { type: 'kafka', config: { password: 'old' } },
  };
  let changed = (): void => undefined;
  const logger = recordingLogger();
  const channels = new OpenChannels({
    hub: new ChannelHub(),
    drivers: { get: () => driver, provision: () => undefined },
    backingOf: () => {
      if (world.backing instanceof Error) throw world.backing;
      return world.backing;
    },
    follow: (onChange) => {
      changed = onChange;
      return () => undefined;
    },
    context: { clock: systemClock, random: systemRandom, logger, meter: noopMeter },
    logger,
  });
  await channels.start();
  onTestFinished(() => channels.close());
  const change = (backing: ChannelBacking | Error): Promise<unknown> => {
    world.backing = backing;
    changed();
    return new Promise((resolve) => setImmediate(resolve));
  };
  const refuse = (error: Error | undefined): void => {
    refusal = error;
  };
  const warnings = () =>
    logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['reason']);
  return { channels, made, taken, change, refuse, warnings, logger };
}

it('a secret rotated while running reaches the open channel, once', async () => {
  const { channels, made, taken, change } = await setUp();
  const lease = channels.open(REF);
  await lease.ready;
  await change({ type: 'kafka', config: { password: 'new' } });
  await change({ type: 'kafka', config: { password: 'new' } });
  expect(made).toEqual([{ password: 'old' }]);
  expect(taken).toEqual([{ password: 'new' }]);
  expect(lease.channel.state).toBe('running');
});

it('what is missing or refused leaves the channel as it was, and is logged once', async () => {
  const { channels, taken, change, refuse, warnings } = await setUp();
  await channels.open(REF).ready;
  await change(new Error('Secret "default/auth" was not found'));
  await change(new Error('Secret "default/auth" was not found'));
  refuse(new Error('no such mechanism'));
  await change({ type: 'kafka', config: { password: 'bad' } });
  await change({ type: 'rabbitmq', config: {} });
  refuse(undefined);
  await change({ type: 'kafka', config: { password: 'good' } });
  expect(warnings()).toEqual([
    'Secret "default/auth" was not found',
    'no such mechanism',
    expect.stringContaining('make the object anew'),
  ]);
  expect(taken).toEqual([{ password: 'good' }]);
});

it('T30 no configuration is in the log', async () => {
  const { channels, change, logger } = await setUp();
  await channels.open(REF).ready;
  await change({ type: 'kafka', config: { password: 'canary' } });
  await change({ type: 'rabbitmq', config: { password: 'canary' } });
  expect(JSON.stringify(logger.lines)).not.toContain('canary');
});

it('whoever opens a channel that is open gets it, whatever its objects say by now', async () => {
  const { channels, change } = await setUp();
  const first = channels.open(REF);
  await change(new Error('gone'));
  expect(channels.open(REF).channel).toBe(first.channel);
  expect(() => channels.open({ ...REF, name: 'other' })).toThrow('gone');
});

it('administration without settings rejects with what is missing', async () => {
  const { channels, change } = await setUp();
  await change(new Error('Secret missing'));
  const refusal = () =>
    channels
      .provision(REF)
      ?.ensure()
      .then(() => '', String);
  await expect.poll(refusal).toContain('Secret missing');
});
