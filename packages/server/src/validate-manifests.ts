/** What `dev` would say about manifests, without running anything: a store with admission, and nothing else. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { CONTROLLER_USER, shippedConfigMaps } from '@afflux/resources';
import { composeStore } from './compose.ts';
import { parseConfig } from './config.ts';
import { ManifestSource, type SyncReport } from './manifests/manifest-source.ts';
import { StoreTarget } from './object-target.ts';

/** Rejects for a path that does not exist; everything else that is wrong is in the report. */
export async function validateManifests(paths: readonly string[]): Promise<SyncReport> {
  const { systemNamespace } = parseConfig({});
  const { registry, store, informers, configWatcher } = composeStore(
    { systemNamespace },
    { clock: systemClock, random: systemRandom, logger: noopLogger, meter: noopMeter },
  );
  for (const configMap of shippedConfigMaps(systemNamespace)) {
    await store.create(configMap, { fieldManager: CONTROLLER_USER });
  }
  await configWatcher.start();
  const target = new StoreTarget(store, registry);
  try {
    return await new ManifestSource(paths, {
      apply: async (value) => {
        const result = await target.apply(value);
        if (result.object?.kind === 'ConfigMap') {
          do await nextTurn();
          while (!informers.isIdle);
        }
        return result;
      },
      remove: (reference) => target.remove(reference),
    }).sync();
  } finally {
    await configWatcher.close();
    await informers.close();
  }
}
