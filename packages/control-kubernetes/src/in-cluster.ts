/**
 * The access that a pod has by its service account: Kubernetes mounts three files and sets two variables. The token
 * is renewed about every hour, so its file is named, not read, here.
 */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterAccess } from './cluster-access.ts';
import { KubernetesError } from './errors.ts';

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly namespace?: string | undefined;
  readonly serviceAccountDirectory?: string | undefined;
}

/** Undefined when this is no pod, or one without a service account's token. */
export async function inClusterAccess(
  options: InClusterOptions,
): Promise<ClusterAccess | undefined> {
  const host = options.env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = options.env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '') return undefined;
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT_DIRECTORY;
  const tokenFile = join(directory, 'token');
  if (!(await isReadable(tokenFile))) return undefined;
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => '');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: options.namespace ?? (namespace.trim() || 'default'),
    origin: `the service account in ${directory}`,
    ca: await readCa(join(directory, 'ca.crt')),
    tokenFile,
  };
}

function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KubernetesError(
      'AFFLUX_KUBERNETES_CONFIG_INVALID',
      `${path}: cannot be read, so the server cannot be told from somebody else`,
      { cause, details: { file: path } },
    );
  }
}
