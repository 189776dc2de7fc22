/**
 * etcd and kube-apiserver from a folder of programs (`KUBEBUILDER_ASSETS`), as controller-runtime's envtest starts
 * them: a server without controllers, on free ports of this machine, gone with the run. Its certificate is the one that
 * it makes itself; the administrator has a token.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newUuid } from '@afflux/kernel';
import { stringify } from 'yaml';

/** How long the server may take until it serves. */
const START_MS_MAX = 60_000;
/** How long a program may take to end before it is killed. */
const STOP_MS_MAX = 10_000;
const POLL_MS = 100;
const LOG_LENGTH_MAX = 2_000;

export interface ControlPlane {
  /** Path of a kubeconfig with an administrator. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/**
 * Resolves when the server is ready. Rejects with the end of what the programs said. etcd forgets what the disk had
 * not yet when the machine fails, unless it `isSynced`: tests do not wait for disks.
 */
export async function startControlPlane(
  assets: string,
  { isSynced = false }: { readonly isSynced?: boolean } = {},
): Promise<ControlPlane> {
  const home = await mkdtemp(join(tmpdir(), 'afflux-control-plane-'));
  const programs: Program[] = [];
  const stop = async (): Promise<void> => {
    for (const program of programs.reverse()) await program.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const [client, peer, secure] = await freePorts(3);
    const etcd = `http://127.0.0.1:${String(client)}`;
    const token = newUuid();
    const sync = isSynced ? [] : ['--unsafe-no-fsync=true'];
    programs.push(
      new Program(join(assets, 'etcd'), [...etcdFlags(home, etcd, peer ?? 0), ...sync]),
    );
    await writeServerFiles(home, token);
    programs.push(
      new Program(join(assets, 'kube-apiserver'), apiServerFlags(home, etcd, secure ?? 0)),
    );
    await untilReady(secure ?? 0, programs);
    const kubeconfig = join(home, 'kubeconfig');
    const server = `https://127.0.0.1:${String(secure)}`;
    const ca = await readFile(join(home, 'certificates', 'apiserver.crt'));
    await writeFile(kubeconfig, kubeconfigText(server, ca, token), { mode: 0o600 });
    return { kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdFlags(home: string, client: string, peerPort: number): string[] {
  const peer = `http://127.0.0.1:${String(peerPort)}`;
  return [
    `--data-dir=${join(home, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiServerFlags(home: string, etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${String(port)}`,
    `--cert-dir=${join(home, 'certificates')}`,
    `--token-auth-file=${join(home, 'tokens.csv')}`,
    `--service-account-issuer=https://127.0.0.1:${String(port)}/`,
    `--service-account-key-file=${join(home, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(home, 'service-account.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
  ];
}

async function writeServerFiles(home: string, token: string): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const mode = 0o600;
  await writeFile(
    join(home, 'service-account.pub'),
    publicKey.export({ type: 'spki', format: 'pem' }),
  );
  await writeFile(
    join(home, 'service-account.key'),
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode },
  );
  await writeFile(join(home, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode });
}

function kubeconfigText(server: string, ca: Buffer, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      {
        name: 'test',
        cluster: { server, 'certificate-authority-data': ca.toString('base64') },
      },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

class Program {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = '';

  constructor(path: string, flags: readonly string[]) {
    this.#process = spawn(path, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#log = (this.#log + data.toString()).slice(-LOG_LENGTH_MAX);
      });
    }
    // A program that is not there ends at once.
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#log += error.message;
        resolve(undefined);
      });
      this.#process.once('exit', resolve);
    });
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.pid === undefined;
  }

  get log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS_MAX);
    await this.#ended;
    clearTimeout(timer);
  }
}

async function untilReady(port: number, programs: readonly Program[]): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (!(await isReady(port))) {
    const ended = programs.find(({ hasEnded }) => hasEnded);
    if (ended !== undefined || performance.now() > deadline) {
      const said = programs.map(({ log }) => log).join('\n');
      throw new Error(`the control plane of KUBEBUILDER_ASSETS does not start: ${said}`);
    }
    await sleep(POLL_MS);
  }
}

/** The certificate is the server's own, made a moment ago: nobody can vouch for it yet. */
function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false };
    const call = request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.once('error', () => {
      resolve(false);
    });
    call.end();
  });
}
