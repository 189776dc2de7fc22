import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataDirectory } from '@afflux/data-directory';
import { noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../config.ts';
import { Drivers } from './drivers.ts';

async function startDrivers(directory?: DataDirectory) {
  const logger = recordingLogger();
  const config = parseConfig({});
  const drivers = new Drivers({ config, directory: () => directory, clock: systemClock, logger });
  await drivers.start();
  onTestFinished(() => drivers.close());
  return drivers;
}

function context(config: unknown) {
  const logger = recordingLogger();
  return { name: 'x', config, clock: systemClock, random: systemRandom, logger, meter: noopMeter };
}

/** CommonJS packages that are loaded, by path. */
function loaded(library: string): boolean {
  const paths = Object.keys(createRequire(import.meta.url).cache);
  return paths.some((path) => path.includes(`/node_modules/${library}/`));
}

describe('drivers', () => {
  it('are not loaded by a start without a data directory', async () => {
    const drivers = await startDrivers();
    expect(drivers.get('memory').capabilities.durable).toBe(false);
    expect(['kafkajs', 'amqplib', 'lmdb'].filter(loaded)).toEqual([]);
  });

  it.each(['kafka', 'rabbitmq'])(
    '%s is there once something was made in its back-end',
    async (type) => {
      const drivers = await startDrivers();
      expect(() => drivers.get(type)).toThrow(/is being loaded/);
      // The configuration is wrong: the driver is asked all the same.
      await expect(drivers.provision(type, context({}))?.ensure()).rejects.toMatchObject({
        code: 'AFFLUX_CHANNEL_CONFIG_INVALID',
      });
      expect(drivers.get(type).type).toBe(type);
      expect(drivers.get(type).capabilities.durable).toBe(true);
    },
  );

  it('without a data directory a durable channel says what to do', async () => {
    const drivers = await startDrivers();
    expect(() => drivers.get('durable')).toThrow(/--data-dir/);
    expect(() => drivers.get('nats')).toThrow(/no driver for nats/);
  });

  it('with a data directory the durable driver is there from the start, and leaves it open', async () => {
    const { openDataDirectory } = await import('@afflux/data-directory');
    const path = await mkdtemp(join(tmpdir(), 'afflux-drivers-'));
    const directory = openDataDirectory(path, { clock: systemClock, logger: recordingLogger() });
    onTestFinished(async () => {
      await directory.close();
      await rm(path, { recursive: true, force: true });
    });
    const drivers = await startDrivers(directory);
    expect(drivers.get('durable').capabilities.durable).toBe(true);
    await drivers.close();
    expect(directory.isClosing).toBe(false);
  });
});
