import { newUuid } from '@afflux/kernel';
import { FakeClock, recordingLogger, settle } from '@afflux/kernel/testing';
import { builtinKinds, type ApiObject, type Destination } from '@afflux/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AddressError } from '../errors.ts';
import { InformerSet } from '../informer/informer-set.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { Tracker } from '../tracker.ts';
import { AddressResolver, type AddressResolverOptions } from './address-resolver.ts';
import { localServices } from './local-services.ts';

const BROKER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' };
const SERVICE = { apiVersion: 'v1', kind: 'Service' };
const URL_A = 'http://localhost:8080/default/a';

function makeWorld(options: Partial<AddressResolverOptions> = {}) {
  const clock = new FakeClock();
  const registry = builtinKinds();
  const store = new MemoryStore({ clock, newId: newUuid, registry });
  const informers = new InformerSet({ store, clock, logger: recordingLogger() });
  onTestFinished(() => informers.close());
  const tracker = new Tracker({ informers });
  const services = localServices(new Map([['default/orders', 'http://localhost:9000']]));
  const resolver = new AddressResolver({
    store,
    informers,
    registry,
    tracker,
    services,
    ...options,
  });
  const create = async (object: ApiObject): Promise<void> => {
    const created = await store.create(object);
    if (object.status !== undefined) {
      await store.updateStatus({ ...created, status: object.status });
    }
  };
  const resolve = (destination: Destination, namespace = 'default') =>
    resolver.resolve(destination, { namespace });
  return { store, informers, tracker, resolver, create, resolve };
}

function broker(status?: unknown, name = 'a'): ApiObject {
  return { ...BROKER, metadata: { namespace: 'default', name }, spec: {}, status };
}

const REF = { ...BROKER, name: 'a' };

describe('AddressResolver', () => {
  it('takes an absolute uri as it is written', async () => {
    const { resolve } = makeWorld();
    for (const uri of [
      'http://example.com',
      'https://example.com:8443/a?b=c',
      'HTTP://Example.com/',
    ]) {
      expect(await resolve({ uri })).toEqual({ url: uri });
    }
  });

  it.each([
    {},
    { uri: '' },
    { uri: '/path' },
    { uri: 'http:///path' },
    { uri: 'mailto:x' },
    { uri: 'http://' },
  ])('refuses %j alone', async (destination) => {
    const { resolve } = makeWorld();
    await expect(resolve(destination)).rejects.toMatchObject({
      code: 'AFFLUX_ADDRESS_INVALID',
      reason: 'InvalidDestination',
    });
  });

  it('reads the single address of any addressable kind', async () => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: URL_A, CACerts: 'pem', audience: 'aud' } }));
    expect(await resolve({ ref: REF })).toEqual({ url: URL_A, caCerts: 'pem', audience: 'aud' });
  });

  it('prefers the first of several addresses', async () => {
    const { create, resolve } = makeWorld();
    const addresses = [
      { name: 'https', url: 'https://a' },
      { name: 'http', url: 'http://a' },
    ];
    await create(broker({ address: { url: 'http://old' }, addresses }));
    expect(await resolve({ ref: REF })).toEqual({ url: 'https://a' });
  });

  it('takes the address of the name that was asked for, or says that there is none', async () => {
    const { create, resolve } = makeWorld();
    const addresses = [
      { name: 'https', url: 'https://a' },
      { name: 'http', url: 'http://a' },
    ];
    await create(broker({ addresses }));
    expect(await resolve({ ref: { ...REF, address: 'http' } })).toEqual({ url: 'http://a' });
    await expect(resolve({ ref: { ...REF, address: 'ftp' } })).rejects.toThrow(
      'address with name "ftp" not found for Broker "default/a"',
    );
  });

  it('lets the destination override certificates and audience', async () => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: URL_A, CACerts: 'theirs', audience: 'theirs' } }));
    expect(await resolve({ ref: REF, CACerts: 'mine', audience: 'mine' })).toEqual({
      url: URL_A,
      caCerts: 'mine',
      audience: 'mine',
    });
    expect(await resolve({ uri: 'http://x', CACerts: 'mine' })).toEqual({
      url: 'http://x',
      caCerts: 'mine',
    });
  });

  it.each([
    ['path', 'http://localhost:8080/default/path'],
    ['/path?x=1', 'http://localhost:8080/path?x=1'],
    ['./b/../c', 'http://localhost:8080/default/c'],
    ['?x=1', 'http://localhost:8080/default/a?x=1'],
    ['', URL_A],
  ])('resolves the relative uri %j against the ref', async (uri, expected) => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: URL_A } }));
    expect((await resolve({ ref: REF, uri })).url).toBe(expected);
  });

  it.each([
    'http://example.com/x',
    'http://localhost:8080/default/x',
    'mailto:x',
    '//example.com/x',
    '\\\\example.com',
    '/\t/example.com',
  ])('T06 refuses %j beside a ref, because it would leave its host', async (uri) => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: URL_A } }));
    await expect(resolve({ ref: REF, uri })).rejects.toMatchObject({
      reason: 'InvalidDestination',
    });
  });

  it('looks in the namespace of the reference, else in that of the holder', async () => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: URL_A } }));
    expect((await resolve({ ref: { ...REF, namespace: 'default' } }, 'other')).url).toBe(URL_A);
    await expect(resolve({ ref: REF }, 'other')).rejects.toThrow('Broker "other/a" not found');
  });

  it('says when there is no such object, or no such kind', async () => {
    const { resolve } = makeWorld();
    await expect(resolve({ ref: REF })).rejects.toMatchObject({
      code: 'AFFLUX_ADDRESS_NOT_FOUND',
      reason: 'NotFound',
      message: 'Broker "default/a" not found',
    });
    const ref = { apiVersion: 'example.com/v1', kind: 'Thing', name: 'a' };
    await expect(resolve({ ref })).rejects.toMatchObject({
      reason: 'UnknownKind',
      message: 'kind Thing of example.com/v1 is not known here',
    });
  });

  it('finds a kind by its group alone', async () => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: URL_A } }));
    const ref = { kind: 'Broker', group: 'eventing.knative.dev', name: 'a' };
    expect((await resolve({ ref })).url).toBe(URL_A);
    await expect(resolve({ ref: { ...ref, group: 'none' } })).rejects.toThrow(
      'kind Broker of group none is not known here',
    );
  });

  it.each([undefined, {}, { address: {} }, { address: { url: '' } }, { addresses: [] }])(
    'says that an object with the status %j has no address yet',
    async (status) => {
      const { create, resolve } = makeWorld();
      await create(broker(status));
      await expect(resolve({ ref: REF })).rejects.toMatchObject({
        reason: 'NotAddressable',
        message: 'Broker "default/a" has no address yet',
      });
    },
  );

  it('says that a kind without a status has no address', async () => {
    const { create, resolve } = makeWorld();
    await create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'a' },
    });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' };
    await expect(resolve({ ref })).rejects.toMatchObject({ reason: 'NotAddressable' });
  });

  it('refuses an address without a host', async () => {
    const { create, resolve } = makeWorld();
    await create(broker({ address: { url: '/only/a/path' } }));
    await expect(resolve({ ref: REF })).rejects.toThrow('lacks a scheme or a host');
  });

  it('asks the mapping of kinds before anything else', async () => {
    const { resolve } = makeWorld({
      mapReference: ({ kind, namespace, name }) =>
        kind === 'Broker' ? `http://mapped/${namespace ?? ''}/${name}` : undefined,
    });
    expect(await resolve({ ref: REF })).toEqual({ url: 'http://mapped/default/a' });
  });

  it('is told again by the tracker when the answer changes, also when there was none', async () => {
    const { store, informers, tracker, resolver } = makeWorld();
    await informers.start();
    const notified: string[] = [];
    tracker.onNotify((observer) => notified.push(observer));
    const resolve = () => resolver.resolve({ ref: REF }, { namespace: 'default', observer: 'me' });
    await expect(resolve()).rejects.toBeInstanceOf(AddressError);
    const created = await store.create(broker());
    await settle();
    expect(notified).toEqual(['me']);
    await expect(resolve()).rejects.toMatchObject({ reason: 'NotAddressable' });
    await store.updateStatus({ ...created, status: { address: { url: URL_A } } });
    await settle();
    expect(notified).toEqual(['me', 'me']);
    expect((await resolve()).url).toBe(URL_A);
  });
});

describe('AddressResolver on a v1 Service', () => {
  const ref = { ...SERVICE, name: 'orders' };
  const service = (name: string, spec: unknown): ApiObject => ({
    ...SERVICE,
    metadata: { namespace: 'default', name },
    spec,
  });

  it('uses the mapping, with or without a Service object, as it is written', async () => {
    const { create, resolve } = makeWorld();
    expect(await resolve({ ref })).toEqual({ url: 'http://localhost:9000' });
    expect(await resolve({ ref, CACerts: 'pem' })).toEqual({
      url: 'http://localhost:9000',
      caCerts: 'pem',
    });
    await create(service('orders', { type: 'ClusterIP', ports: [{ port: 80 }] }));
    expect((await resolve({ ref, uri: '/events' })).url).toBe('http://localhost:9000/events');
  });

  it.each([
    [{ type: 'ExternalName', externalName: 'example.com' }, undefined, 'http://example.com'],
    [{ type: 'ExternalName', externalName: 'example.com' }, 'pem', 'https://example.com'],
    [
      { type: 'ExternalName', externalName: 'example.com', ports: [{ port: 8080 }] },
      undefined,
      'http://example.com:8080',
    ],
    [
      { type: 'ExternalName', externalName: 'example.com', ports: [{ port: 443 }] },
      undefined,
      'https://example.com',
    ],
  ])('uses an ExternalName %j first', async (spec, CACerts, expected) => {
    const { create, resolve } = makeWorld();
    await create(service('orders', spec));
    const { url } = await resolve({ ref, ...(CACerts === undefined ? {} : { CACerts }) });
    expect(url).toBe(expected);
  });

  it('says what to add when there is no address', async () => {
    const { resolve } = makeWorld();
    await expect(resolve({ ref: { ...SERVICE, name: 'other' } })).rejects.toMatchObject({
      code: 'AFFLUX_ADDRESS_SERVICE_UNMAPPED',
      reason: 'ServiceUnmapped',
      message:
        'Service "default/other" has no address here: add services: { "default/other": "http://localhost:9000" } to afflux.yaml, or a Service of type ExternalName',
    });
  });
});
