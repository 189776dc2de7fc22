/**
 * The servers that rows run against: the product in this process, and a real kube-apiserver with our
 * CustomResourceDefinitions when one is there. Each row gets a namespace and a directory of its own, with a
 * kubeconfig that names both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newUuid } from '@afflux/kernel';
import { createAfflux, type Afflux } from '@afflux/server';
import { parse, stringify } from 'yaml';
import { normalise } from './normalise.ts';
import { runShell } from './shell.ts';

type Env = Readonly<Record<string, string | undefined>>;

const CRDS = fileURLToPath(new URL('../../crds/', import.meta.url));

/** Clients that rows call. */
export type Tool = keyof typeof PROBES;

/** Calls that need no server. */
const PROBES = { kubectl: ['version', '--client'], kn: ['--help'] } as const;

/** Why no row runs; undefined when the tool is there. */
export function toolSkipReason(tool: Tool, env: Env): string | undefined {
  const { status } = spawnSync(tool, PROBES[tool], { env: { ...env, KUBECONFIG: '/dev/null' } });
  if (status === 0) return undefined;
  const reason = `${tool} is not in PATH`;
  // kn comes with no Kubernetes; what it asks for is tested without it.
  return tool === 'kn' ? reason : required(env, reason);
}

/** Why nothing with kubectl runs; undefined when it is there. */
export function kubectlSkipReason(env: Env): string | undefined {
  return toolSkipReason('kubectl', env);
}

/** Why rows do not run against a real server; undefined when one is there. */
export function realServerSkipReason(env: Env): string | undefined {
  const missing = ['KUBECONFIG', 'KUBEBUILDER_ASSETS'].find((name) => (env[name] ?? '') === '');
  return missing === undefined ? undefined : required(env, `${missing} is not set`);
}

function required(env: Env, reason: string): string {
  if (env['AFFLUX_TEST_REQUIRE_KUBERNETES'] !== '1') return reason;
  throw new Error(`tests with kubectl are required: ${reason}`);
}

/** Where the commands of one row run. */
export interface Stage {
  write(name: string, text: string): void;
  /** What the command shows, normalised. */
  run(command: string): Promise<string>;
  close(): Promise<void>;
}

export interface ApiServer {
  stage(): Promise<Stage>;
  close(): Promise<void>;
}

interface KubeConfig {
  readonly contexts: readonly { readonly context: Readonly<Record<string, unknown>> }[];
}

/** The product, started for these rows. */
export async function startAfflux(): Promise<ApiServer> {
  const afflux = createAfflux({ log: { level: 'silent' } });
  await afflux.start();
  const home = newHome();
  return {
    stage: () => openStage(kubeConfigOf(afflux), home),
    close: async () => {
      await afflux.close();
      rmSync(home, { recursive: true });
    },
  };
}

function kubeConfigOf(afflux: Afflux): KubeConfig {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'afflux',
    clusters: [{ name: 'afflux', cluster: { server: afflux.controlUrl } }],
    users: [{ name: 'admin', user: {} }],
    contexts: [{ name: 'afflux', context: { cluster: 'afflux', user: 'admin' } }],
  };
  return config;
}

/** The server of KUBECONFIG; puts our kinds there. */
export async function realServer(env: Env): Promise<ApiServer> {
  const config = parse(readFileSync(env['KUBECONFIG'] ?? '', 'utf8')) as KubeConfig;
  const home = newHome();
  const stage = await openStage(config, home);
  const applied = await stage.run(
    `kubectl apply --server-side --force-conflicts -f '${CRDS}' && kubectl wait --for=condition=Established -f '${CRDS}'`,
  );
  await stage.close();
  if (/\[exit/.test(applied)) throw new Error(`the CRDs cannot be applied: ${applied}`);
  return {
    stage: () => openStage(config, home),
    close: () => {
      rmSync(home, { recursive: true });
      return Promise.resolve();
    },
  };
}

/** A home directory, for what kubectl remembers of a server. */
function newHome(): string {
  return mkdtempSync(join(tmpdir(), 'afflux-kubectl-home-'));
}

async function openStage(config: KubeConfig, home: string): Promise<Stage> {
  const namespace = `kubectl-${newUuid().slice(0, 8)}`;
  const cwd = mkdtempSync(join(tmpdir(), 'afflux-kubectl-'));
  const contexts = config.contexts.map((one) => ({
    ...one,
    context: { ...one.context, namespace },
  }));
  const kubeconfig = join(cwd, 'kubeconfig');
  writeFileSync(kubeconfig, stringify({ ...config, contexts }));
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: '/tmp',
    KUBECONFIG: kubeconfig,
    NS: namespace,
    LC_ALL: 'C.UTF-8',
  };
  const run = async (command: string): Promise<string> =>
    normalise(await runShell(command, { cwd, env }), namespace);
  const made = await run(`kubectl create namespace ${namespace}`);
  if (made !== 'namespace/NAMESPACE created') throw new Error(made);
  return {
    write: (name, text) => {
      writeFileSync(join(cwd, name), text.replaceAll('NAMESPACE', namespace));
    },
    run,
    close: async () => {
      // Nothing finishes a namespace where no controller runs; so this is not waited for.
      await run(`kubectl delete namespace ${namespace} --wait=false`);
      rmSync(cwd, { recursive: true });
    },
  };
}
