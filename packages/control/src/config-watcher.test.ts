import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import { FieldErrors, type ConfigMapData, type Decoded } from '@afflux/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigWatcher } from './config-watcher.ts';
import { InformerSet } from './informer/informer-set.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { CONFIG_MAP, configMap, KIT_KINDS } from './testkit/kinds.ts';

const SYSTEM = 'knative-eventing';
const NAME = 'config-sizes';

function decodeSize({ data = {} }: ConfigMapData): Decoded<number> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const text = data['size'] ?? '1';
  if (text === 'throw') throw new Error('decoder failed');
  if (data['colour'] !== undefined) warnings.disallowed('data[colour]');
  const value = Number(text);
  if (Number.isNaN(value)) return { errors: errors.invalidValue(text, 'data[size]'), warnings };
  return { value, errors, warnings };
}

function makeWorld() {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const store = new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS });
  const informers = new InformerSet({ store, clock, logger });
  const watcher = new ConfigWatcher({ informers, systemNamespace: SYSTEM, logger });
  onTestFinished(async () => {
    await watcher.close();
    await informers.close();
  });
  const size = watcher.follow({ name: NAME, decode: decodeSize, shipped: 0 });
  const heard: number[] = [];
  size.onChange((value) => heard.push(value));
  const write = async (data: Record<string, string>): Promise<void> => {
    await store.update(configMap({ namespace: SYSTEM, name: NAME }, data));
    await settle();
  };
  const create = async (data: Record<string, string>, namespace = SYSTEM): Promise<void> => {
    await store.create(configMap({ namespace, name: NAME }, data));
    await settle();
  };
  return { store, watcher, size, heard, write, create, logger };
}

describe('ConfigWatcher', () => {
  it('has decoded what is there when it has started', async () => {
    const { watcher, size, create } = makeWorld();
    await create({ size: '5' });
    expect(size.value).toBe(0);
    await watcher.start();
    expect(size.value).toBe(5);
  });

  it('follows changes and tells its listeners, until they are taken off', async () => {
    const { watcher, size, heard, create, write } = makeWorld();
    await watcher.start();
    const late: number[] = [];
    const stop = size.onChange((value) => late.push(value));
    await create({ size: '2' });
    stop();
    await write({ size: '3' });
    expect([size.value, heard, late]).toEqual([3, [2, 3], [2]]);
  });

  it('keeps the last good value and says why when a change cannot be decoded', async () => {
    const { watcher, size, heard, create, write, logger } = makeWorld();
    await watcher.start();
    await create({ size: '2' });
    await write({ size: 'large' });
    await write({ size: 'throw' });
    expect([size.value, heard]).toEqual([2, [2]]);
    const warnings = logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message)).toEqual([
      'config map refused, last good value stays',
      'config map refused, last good value stays',
    ]);
    expect(warnings[0]?.fields).toMatchObject({
      configMap: NAME,
      errors: 'invalid value: large: data[size]',
    });
    await write({ size: '4' });
    expect(size.value).toBe(4);
  });

  it('goes back to the shipped value when the config map is deleted', async () => {
    const { store, watcher, size, heard, create } = makeWorld();
    await create({ size: '2' });
    await watcher.start();
    await store.delete(CONFIG_MAP, { namespace: SYSTEM, name: NAME });
    await settle();
    expect([size.value, heard]).toEqual([0, [2, 0]]);
  });

  it('looks at neither other names nor other namespaces', async () => {
    const { store, watcher, heard, create } = makeWorld();
    await watcher.start();
    await create({ size: '9' }, 'default');
    await store.create(configMap({ namespace: SYSTEM, name: 'other' }, { size: '9' }));
    await settle();
    expect(heard).toEqual([]);
  });

  it('is silent when nothing but metadata changes', async () => {
    const { store, watcher, heard, create } = makeWorld();
    await watcher.start();
    await create({ size: '2' });
    const body = { metadata: { labels: { x: '1' } } };
    await store.patch(CONFIG_MAP, { namespace: SYSTEM, name: NAME }, { type: 'merge', body });
    await settle();
    expect(heard).toEqual([2]);
  });

  it('logs what is odd but usable', async () => {
    const { watcher, size, create, logger } = makeWorld();
    await watcher.start();
    await create({ size: '2', colour: 'red' });
    expect(size.value).toBe(2);
    expect(logger.lines.map(({ message }) => message)).toContain('config map has oddities');
  });

  it('can be asked for a config map after its start', async () => {
    const { watcher, create } = makeWorld();
    await watcher.start();
    await create({ size: '7' });
    expect(watcher.follow({ name: NAME, decode: decodeSize, shipped: 0 }).value).toBe(7);
  });

  it('follows nothing after it is closed', async () => {
    const { watcher, heard, create } = makeWorld();
    await watcher.start();
    await watcher.close();
    await create({ size: '7' });
    expect(heard).toEqual([]);
  });
});
