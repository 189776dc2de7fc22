/** Kinds, store and settings as a process has them, without anything that acts on them. */
import { allIdle } from '@afflux/control';
import { noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import {
  CONTROLLER_USER,
  shippedConfigMaps,
  type ApiObject,
  type ConfigMap,
} from '@afflux/resources';
import { onTestFinished } from 'vitest';
import { composeStore } from '../compose.ts';

export const SYSTEM = 'knative-eventing';

export async function startStore() {
  const logger = recordingLogger();
  const parts = composeStore(
    { systemNamespace: SYSTEM },
    { clock: systemClock, random: systemRandom, logger, meter: noopMeter },
  );
  const { store, configWatcher, informers } = parts;
  for (const shipped of shippedConfigMaps(SYSTEM)) {
    await store.create(shipped, { fieldManager: CONTROLLER_USER });
  }
  await configWatcher.start();
  onTestFinished(async () => {
    await configWatcher.close();
    await informers.close();
  });
  return {
    ...parts,
    logger,

    /** Replaces the data of a config map and waits until its followers know. */
    configure: async (name: string, data: Record<string, string>, namespace = SYSTEM) => {
      await store.patch(
        { apiVersion: 'v1', kind: 'ConfigMap' },
        { namespace, name },
        { type: 'json', body: [{ op: 'add', path: '/data', value: data }] },
      );
      await allIdle([informers]);
    },
  };
}

export function configMap(
  name: string,
  namespace: string,
  data: Record<string, string>,
): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function broker(name = 'main', spec: object = {}): ApiObject {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name, namespace: 'default' },
    spec,
  };
}

export function trigger(name: string, spec: object = {}): ApiObject {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name, namespace: 'default' },
    spec: { broker: 'main', subscriber: { uri: 'http://localhost:9000/' }, ...spec },
  };
}

export function memoryChannel(name: string, spec: object = {}): ApiObject {
  return {
    apiVersion: 'messaging.knative.dev/v1',
    kind: 'InMemoryChannel',
    metadata: { name, namespace: 'default' },
    spec,
  };
}
