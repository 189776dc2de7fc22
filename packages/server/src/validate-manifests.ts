/** What `dev` would say about manifests, without running anything: a store with admission, and nothing else. */
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { composeStore } from './compose.ts';
import { parseConfig } from './config.ts';
import { ManifestSource, type SyncReport } from './manifests/manifest-source.ts';
import { StoreTarget } from './object-target.ts';
import { createShippedConfig } from './system-config.ts';

/** Rejects for a path that does not exist; everything else that is wrong is in the report. */
export async function validateManifests(paths: readonly string[]): Promise<SyncReport> {
  const { systemNamespace } = parseConfig({});
  const { registry, store, informers, configWatcher } = composeStore(
    { systemNamespace },
    { clock: systemClock, random: systemRandom, logger: noopLogger, meter: noopMeter },
  );
  await createShippedConfig(store, { systemNamespace });
  await configWatcher.start();
  const target = new StoreTarget(store, registry, informers);
  try {
    return await new ManifestSource(paths, target).sync();
  } finally {
    await configWatcher.close();
    await informers.close();
  }
}
