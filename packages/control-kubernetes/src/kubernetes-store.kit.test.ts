import { testStore } from '@afflux/control/testkit';
import { systemClock, systemRandom } from '@afflux/kernel';
import { describe, test } from 'vitest';
import { Discovery } from './discovery.ts';
import { KubernetesStore } from './kubernetes-store.ts';
import { installKit, makeNamespace, openClient, skipReason } from './testing/real-cluster.ts';

/** What kube-apiserver refuses to read. */
const REQUEST_BYTES_REFUSED = 3 * 1024 * 1024 + 1;

const reason = skipReason(process.env);

describe.runIf(reason === undefined)('on a cluster', () => {
  testStore(
    'kube-apiserver',
    async () => {
      const client = await openClient(process.env);
      await installKit(client);
      const kinds = new Discovery(client, { clock: systemClock });
      return {
        store: new KubernetesStore({ client, kinds, random: systemRandom }),
        makeNamespace: () => makeNamespace(client),
        close: () => client.close(),
      };
    },
    // There is a server, but no controllers.
    { garbageCollection: false, objectBytesRefused: REQUEST_BYTES_REFUSED },
  );
});

describe.skipIf(reason === undefined)('without a cluster', () => {
  test.skip(`the store kit (skipped: ${reason ?? ''})`);
});
