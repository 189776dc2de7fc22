/**
 * From kubeconfig files to the access to one cluster, by kubectl's rules: an explicit file, else the files of
 * KUBECONFIG, else `~/.kube/config`, else the service account of the pod that this runs in.
 *
 * What would be ignored silently with an effect (a proxy, impersonation, the plug-ins that Kubernetes has dropped) is
 * an error. Environment and home directory are parameters: only the command reads them.
 */
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { ClusterAccess, ExecPlugin } from './cluster-access.ts';
import { KubernetesError } from './errors.ts';
import { inClusterAccess } from './in-cluster.ts';
import { entryNames, findEntry, readKubeconfig, type Section } from './kubeconfig-document.ts';

export interface KubeconfigOptions {
  /** The environment of the process; KUBECONFIG and KUBERNETES_SERVICE_* are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  /** This file and no other; it must be there. */
  readonly path?: string | undefined;
  /** Default: the files' current-context. */
  readonly context?: string | undefined;
  /** Goes before the namespace of the context. */
  readonly namespace?: string | undefined;
  /** Where the service account of a pod is mounted. Default: where Kubernetes mounts it. */
  readonly serviceAccountDirectory?: string | undefined;
}

/** Files that are read, in the order in which they win. */
export function kubeconfigPaths(options: KubeconfigOptions): readonly string[] {
  if (options.path !== undefined) return [resolve(options.path)];
  const listed = (options.env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return [...new Set(listed)].map((path) => resolve(path));
  return [join(options.homeDirectory, '.kube', 'config')];
}

/**
 * Reads how to reach the cluster that is meant. Rejects with a `KubernetesError` that names the file and the
 * field, or that says where a configuration was looked for.
 */
export async function loadClusterAccess(options: KubeconfigOptions): Promise<ClusterAccess> {
  const paths = kubeconfigPaths(options);
  const files: Section[] = [];
  for (const path of paths) {
    const file = await readKubeconfig(path);
    if (file !== undefined) files.push(file);
  }
  if (options.path !== undefined && files.length === 0) throw missing(paths);
  if (options.context === undefined && currentContext(files) === undefined) {
    const access = options.path === undefined ? await inClusterAccess(options) : undefined;
    if (access !== undefined) return access;
  }
  if (files.length === 0) throw missing(paths);
  return accessOf(files, options);
}

function missing(paths: readonly string[]): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_CONFIG_MISSING',
    `no kubeconfig: ${paths.join(', ')} ${paths.length === 1 ? 'does' : 'do'} not exist; set KUBECONFIG or name a file`,
    { details: { paths } },
  );
}

function currentContext(files: readonly Section[]): string | undefined {
  return files.map((file) => file.text('current-context')).find((name) => name !== undefined);
}

async function accessOf(
  files: readonly Section[],
  options: KubeconfigOptions,
): Promise<ClusterAccess> {
  const where = files.map(({ file }) => file).join(', ');
  const name = options.context ?? currentContext(files);
  if (name === undefined) throw noContext(where, files);
  const context = findEntry(files, 'contexts', 'context', name);
  if (context === undefined) {
    throw unknownEntry(where, 'context', name, entryNames(files, 'contexts'));
  }
  const clusterName = context.text('cluster');
  if (clusterName === undefined) throw context.invalid('cluster', 'is missing');
  const cluster = findEntry(files, 'clusters', 'cluster', clusterName);
  if (cluster === undefined) {
    throw context.invalid('cluster', `there is no cluster ${JSON.stringify(clusterName)}`);
  }
  const userName = context.text('user');
  const user = userName === undefined ? undefined : findEntry(files, 'users', 'user', userName);
  if (userName !== undefined && user === undefined) {
    throw context.invalid('user', `there is no user ${JSON.stringify(userName)}`);
  }
  return {
    namespace: options.namespace ?? context.text('namespace') ?? 'default',
    origin: `context ${JSON.stringify(name)} of ${context.file}`,
    ...(await clusterPart(cluster)),
    ...(user === undefined ? {} : await userPart(user, cluster, options.env)),
  };
}

function noContext(where: string, files: readonly Section[]): KubernetesError {
  const names = entryNames(files, 'contexts');
  const advice = names.length === 0 ? '' : `; choose one of ${names.join(', ')}`;
  return new KubernetesError(
    'AFFLUX_KUBERNETES_CONFIG_INVALID',
    `${where}: current-context: is not set${advice}`,
    { details: { field: 'current-context', contexts: names } },
  );
}

function unknownEntry(
  where: string,
  what: string,
  name: string,
  names: readonly string[],
): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_CONFIG_INVALID',
    `${where}: there is no ${what} ${JSON.stringify(name)}; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ') || 'none'}`,
    { details: { [what]: name, names } },
  );
}

type ClusterPart = Pick<ClusterAccess, 'server' | 'ca' | 'tlsServerName' | 'insecureSkipTlsVerify'>;

async function clusterPart(cluster: Section): Promise<ClusterPart> {
  if (cluster.text('proxy-url') !== undefined) {
    throw cluster.unsupported('proxy-url', 'proxies are not supported; reach the server directly');
  }
  const ca = await cluster.pem('certificate-authority');
  const insecureSkipTlsVerify = cluster.flag('insecure-skip-tls-verify');
  if (insecureSkipTlsVerify && ca !== undefined) {
    throw cluster.invalid('insecure-skip-tls-verify', 'contradicts certificate-authority');
  }
  return {
    server: serverUrl(cluster),
    ca,
    tlsServerName: cluster.text('tls-server-name'),
    insecureSkipTlsVerify,
  };
}

function serverUrl(cluster: Section): string {
  const text = cluster.text('server');
  if (text === undefined) throw cluster.invalid('server', 'is missing');
  // As kubectl does: a host alone is reached by TLS.
  const full = text.includes('://') ? text : `https://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw cluster.invalid('server', 'is not an http or https URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw cluster.invalid('server', 'must not contain a user or password');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

type UserPart = Pick<
  ClusterAccess,
  'cert' | 'key' | 'token' | 'tokenFile' | 'username' | 'password' | 'exec'
>;

const IMPERSONATION = ['as', 'as-uid', 'as-groups', 'as-user-extra'];

async function userPart(
  user: Section,
  cluster: Section,
  env: KubeconfigOptions['env'],
): Promise<UserPart> {
  for (const field of IMPERSONATION) {
    if (isSet(user.raw(field))) {
      throw user.unsupported(field, 'acting as somebody else is not supported; remove it');
    }
  }
  if (isSet(user.raw('auth-provider'))) {
    throw user.unsupported('auth-provider', 'Kubernetes has dropped it; use an exec plug-in');
  }
  const cert = await user.pem('client-certificate');
  const key = await user.pem('client-key');
  if (cert !== undefined && key === undefined) throw user.invalid('client-key', 'is missing');
  if (cert === undefined && key !== undefined) {
    throw user.invalid('client-certificate', 'is missing');
  }
  return {
    cert,
    key,
    token: user.text('token'),
    tokenFile: user.filePath('tokenFile'),
    username: user.text('username'),
    password: user.text('password'),
    exec: execPlugin(user.section('exec'), cluster, env),
  };
}

/** Empty maps, lists and texts count as absent: tools write them. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

const EXEC_VERSIONS: readonly string[] = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
] satisfies ExecPlugin['apiVersion'][];

function execPlugin(
  exec: Section | undefined,
  cluster: Section,
  env: KubeconfigOptions['env'],
): ExecPlugin | undefined {
  if (exec === undefined) return undefined;
  const apiVersion = exec.text('apiVersion') ?? '';
  if (!EXEC_VERSIONS.includes(apiVersion)) {
    throw exec.invalid('apiVersion', `must be one of ${EXEC_VERSIONS.join(', ')}`);
  }
  const command = exec.text('command');
  if (command === undefined) throw exec.invalid('command', 'is missing');
  if (exec.text('interactiveMode') === 'Always') {
    throw exec.unsupported('interactiveMode', 'programs that ask questions are not supported');
  }
  return {
    apiVersion: apiVersion as ExecPlugin['apiVersion'],
    command: commandPath(command, exec.file),
    args: execArgs(exec),
    env: { ...env, ...execEnv(exec) },
    provideClusterInfo: exec.flag('provideClusterInfo'),
    clusterConfig: execExtension(cluster),
    installHint: exec.text('installHint'),
  };
}

/** A command with a slash is relative to the file; one without is looked up in PATH. */
function commandPath(command: string, file: string): string {
  if (isAbsolute(command) || !/[/\\]/.test(command)) return command;
  return resolve(dirname(file), command);
}

function execArgs(exec: Section): readonly string[] {
  const args = exec.raw('args') ?? [];
  if (Array.isArray(args) && args.every((arg) => typeof arg === 'string')) return args;
  throw exec.invalid('args', 'must be a list of texts');
}

function execEnv(exec: Section): Readonly<Record<string, string>> {
  return Object.fromEntries(
    exec.list('env').map((entry) => {
      const name = entry.text('name');
      if (name === undefined) throw entry.invalid('name', 'is missing');
      return [name, entry.text('value') ?? ''];
    }),
  );
}

/** What the cluster's entry says to credential programs. */
function execExtension(cluster: Section): unknown {
  return cluster
    .list('extensions')
    .find((entry) => entry.text('name') === 'client.authentication.k8s.io/exec')
    ?.raw('extension');
}
