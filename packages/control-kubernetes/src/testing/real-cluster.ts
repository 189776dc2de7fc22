/** The cluster that tests may use: the one of KUBECONFIG. */
import { isAlreadyExists, isNotFound } from '@afflux/control';
import { kitCrds } from '@afflux/control/testkit';
import { newUuid, systemClock } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { loadClusterAccess } from '../kubeconfig.ts';
import { RestClient } from '../rest-client.ts';

/** The environment, handed over by each test. */
export type Env = Readonly<Record<string, string | undefined>>;

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const POLL_MS = 100;

/** Why tests against a cluster are skipped; undefined when they are not. Throws when they must not be skipped. */
export function skipReason(env: Env): string | undefined {
  if ((env['KUBECONFIG'] ?? '') !== '') return undefined;
  if (env['AFFLUX_TEST_REQUIRE_KUBERNETES'] === '1') {
    throw new Error('tests against a cluster are required: KUBECONFIG is not set');
  }
  return 'KUBECONFIG is not set';
}

export async function openClient(env: Env): Promise<RestClient> {
  const access = await loadClusterAccess({ env, homeDirectory: env['HOME'] ?? '/' });
  return new RestClient(access, { clock: systemClock });
}

/** Makes a namespace of its own. Nothing deletes namespaces where no controller runs, so it stays. */
export async function makeNamespace(client: RestClient): Promise<string> {
  const name = `control-kubernetes-${newUuid().slice(0, 13)}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await client.request({ method: 'POST', path: '/api/v1/namespaces', body });
  return name;
}

/** Installs the kinds of the store kit and waits until they are served. */
export async function installKit(client: RestClient): Promise<void> {
  await Promise.all(kitCrds().map((crd) => installCrd(client, crd)));
}

async function installCrd(client: RestClient, crd: ApiObject): Promise<void> {
  const path = `${CRDS}/${crd.metadata.name}`;
  try {
    await client.request({ method: 'POST', path: CRDS, body: crd });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const contentType = 'application/merge-patch+json';
    await client.request({ method: 'PATCH', path, body: { spec: crd.spec }, contentType });
  }
  await waitUntilServed(client, crd);
}

/** The deadline of the test bounds the wait. */
async function waitUntilServed(client: RestClient, crd: ApiObject): Promise<void> {
  const { group, names, versions } = crd.spec as {
    group: string;
    names: { plural: string };
    versions: { name: string }[];
  };
  const path = `/apis/${group}/${versions[0]?.name ?? ''}/${names.plural}`;
  for (;;) {
    try {
      await client.request({ method: 'GET', path, query: { limit: 1 } });
      return;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await systemClock.sleep(POLL_MS);
    }
  }
}
