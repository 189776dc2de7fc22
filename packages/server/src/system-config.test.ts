import { isEnabled } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { broker, configMap, memoryChannel, startStore, SYSTEM } from './testing/store.ts';

const BROKER_DEFAULTS = `
clusterDefault:
  brokerClass: MTChannelBasedBroker
  apiVersion: v1
  kind: ConfigMap
  name: config-br-default-channel
  namespace: ${SYSTEM}
  delivery: {retry: 1}
`;

describe('settings that are followed', () => {
  it('are the shipped ones at first', async () => {
    const { systemConfig } = await startStore();
    expect(isEnabled(systemConfig.features, 'eventtype-auto-create')).toBe(false);
    expect(systemConfig.channelDefaults).toMatchObject({
      clusterDefault: { kind: 'InMemoryChannel' },
    });
  });

  it('a flag holds as soon as it is written, and no longer when it is taken out', async () => {
    const { systemConfig, configure } = await startStore();
    await configure('config-features', { 'eventtype-auto-create': 'enabled' });
    expect(isEnabled(systemConfig.features, 'eventtype-auto-create')).toBe(true);
    await configure('config-features', {});
    expect(isEnabled(systemConfig.features, 'eventtype-auto-create')).toBe(false);
  });

  it('a flag opens what admission refused before', async () => {
    const { store, configure } = await startStore();
    const retrying = broker('main', { delivery: { retryAfterMax: 'PT1S' } });
    await expect(store.create(retrying)).rejects.toThrow('retryAfterMax');
    await configure('config-features', { 'delivery-retryafter': 'enabled' });
    expect(await store.create(retrying)).toMatchObject(retrying);
  });

  it('brokers get the delivery that config-br-defaults says at that time', async () => {
    const { store, configure } = await startStore();
    const first = await store.create(broker('first'));
    await configure('config-br-defaults', { 'default-br-config': BROKER_DEFAULTS });
    const second = await store.create(broker('second'));
    expect([first.spec, second.spec]).toMatchObject([
      { delivery: { retry: 10 } },
      { delivery: { retry: 1 } },
    ]);
  });

  it('a config map that is deleted leaves the shipped settings', async () => {
    const { store, systemConfig, configure, informers } = await startStore();
    await configure('config-features', { 'eventtype-auto-create': 'enabled' });
    const features = configMap('config-features', SYSTEM, {});
    await store.delete(features, features.metadata);
    await expect.poll(() => informers.isIdle).toBe(true);
    expect(isEnabled(systemConfig.features, 'eventtype-auto-create')).toBe(false);
  });
});

describe('an invalid config map', () => {
  it.each([
    ['config-features', { 'delivery-timeout': 'maybe' }, 'data[delivery-timeout]'],
    ['config-br-defaults', { 'default-br-config': 'clusterDefault: 5' }, 'default-br-config'],
    ['config-br-defaults', {}, 'default-br-config'],
    ['default-ch-webhook', { 'default-ch-config': '{' }, 'default-ch-config'],
    ['config-br-default-channel', { 'channel-template-spec': 'kind: 5' }, 'channel-template-spec'],
    ['config-kreference-mapping', { Pod: 'http://x' }, 'Pod'],
  ])('%s with %j is refused when it is written, with its key', async (name, data, key) => {
    const { configure } = await startStore();
    await expect(configure(name, data)).rejects.toMatchObject({
      code: 'AFFLUX_STORE_INVALID',
      message: expect.stringContaining(key) as string,
    });
  });

  it('changes nothing: the last good settings hold', async () => {
    const { systemConfig, configure } = await startStore();
    await configure('config-features', { 'eventtype-auto-create': 'enabled' });
    await expect(configure('config-features', { 'delivery-timeout': 'maybe' })).rejects.toThrow();
    expect(isEnabled(systemConfig.features, 'eventtype-auto-create')).toBe(true);
  });

  it('is nobody’s business in another namespace, or under another name', async () => {
    const { store } = await startStore();
    const data = { 'delivery-timeout': 'maybe' };
    for (const object of [
      configMap('config-features', 'default', data),
      configMap('mine', SYSTEM, data),
      {
        ...memoryChannel('config-features'),
        metadata: { name: 'config-features', namespace: SYSTEM },
      },
    ]) {
      expect(await store.create(object)).toMatchObject({ kind: object.kind });
    }
  });
});

describe('kreference-mapping', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p' };
  const mapping = { 'Pod.v1': 'http://{{ .Name }}.{{ .Namespace }}.example.com' };

  it('gives a mapped kind its address while the flag is on', async () => {
    const { systemConfig, configure } = await startStore();
    await configure('config-kreference-mapping', mapping);
    expect(systemConfig.mapReference(pod)).toBeUndefined();
    await configure('config-features', { 'kreference-mapping': 'enabled' });
    expect(systemConfig.mapReference(pod)).toBe('http://p.default.example.com');
    expect(systemConfig.mapReference({ ...pod, kind: 'Other' })).toBeUndefined();
  });

  it('follows a changed mapping', async () => {
    const { systemConfig, configure } = await startStore();
    await configure('config-features', { 'kreference-mapping': 'enabled' });
    await configure('config-kreference-mapping', mapping);
    await configure('config-kreference-mapping', { 'Pod.v1': 'http://{{ .SystemNamespace }}' });
    expect(systemConfig.mapReference(pod)).toBe(`http://${SYSTEM}`);
  });
});
