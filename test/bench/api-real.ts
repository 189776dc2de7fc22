/**
 * A real kube-apiserver to compare with, a server without controllers: the one that KUBECONFIG leads to, or one that is
 * started for the run from the programs of KUBEBUILDER_ASSETS. Its processor time is that of kube-apiserver and of its
 * etcd, from /proc, in steps of 10 ms.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { startControlPlane, type ControlPlane } from '../kubernetes/control-plane.ts';
import type { ApiAccess } from './api-client.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface RealServer {
  readonly access: ApiAccess;
  readonly kubeconfig: string;
  /** kube-apiserver and etcd; empty where they cannot be found. */
  readonly pids: readonly number[];
}

/** Finds or starts servers when they are first asked for; all rows share them. */
export class RealServers {
  readonly #env: Env;
  readonly #found = new Map<boolean, Promise<RealServer | undefined>>();
  readonly #started: ControlPlane[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  /**
   * Undefined, with the reason on stderr, where there is nothing to compare with. `isSynced`: etcd answers when the
   * disk has it; whether a server that was there before does is not known, and it counts as one that does not.
   */
  get(isSynced: boolean): Promise<RealServer | undefined> {
    const known = this.#found.get(isSynced) ?? this.#find(isSynced);
    this.#found.set(isSynced, known);
    return known;
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((controlPlane) => controlPlane.stop()));
  }

  async #find(isSynced: boolean): Promise<RealServer | undefined> {
    const { KUBECONFIG: given = '', KUBEBUILDER_ASSETS: assets = '' } = this.#env;
    if (assets === '') {
      process.stderr.write('api: nothing to compare with, KUBEBUILDER_ASSETS is not set\n');
      return undefined;
    }
    if (given !== '') return isSynced ? undefined : await describe(given);
    const controlPlane = await startControlPlane(assets, { isSynced });
    this.#started.push(controlPlane);
    const server = await describe(controlPlane.kubeconfig);
    await untilQuiet(server.pids);
    return server;
  }
}

async function describe(kubeconfig: string): Promise<RealServer> {
  const access = await accessOf(kubeconfig);
  const pids = await serverPids(new URL(access.url).port);
  if (pids.length === 0) process.stderr.write('api: kube-apiserver is elsewhere, no CPU of it\n');
  return { access, kubeconfig, pids };
}

const QUIET_MS_MAX = 60_000;
/** Processor time within a second. */
const QUIET_MICROS = 100_000;

/** A server that has just started is busy with itself for a while. */
async function untilQuiet(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + QUIET_MS_MAX;
  let before = await cpuMicrosOf(pids);
  while (performance.now() < deadline) {
    await delay(1_000);
    const now = await cpuMicrosOf(pids);
    if (now - before < QUIET_MICROS) return;
    before = now;
  }
}

async function accessOf(file: string): Promise<ApiAccess> {
  const config = new KubeConfig();
  config.loadFromFile(file);
  const url = config.getCurrentCluster()?.server ?? '';
  const options: { ca?: unknown; cert?: unknown; key?: unknown } = {};
  await config.applyToHTTPSOptions(options);
  const [ca, cert, key] = [options.ca, options.cert, options.key].map(pemText);
  const token = config.getCurrentUser()?.token;
  return {
    url,
    tls: { ca, cert, key },
    ...(token === undefined ? {} : { token }),
  };
}

function pemText(value: unknown): string | undefined {
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}

/** The kube-apiserver that listens on the port, and the etcd that it names. */
async function serverPids(port: string): Promise<number[]> {
  const commands = await commandLines();
  const apiServer = commands.find(
    ({ args }) => isProgram(args, 'kube-apiserver') && args.includes(`--secure-port=${port}`),
  );
  const [, etcdUrl = ''] = /^--etcd-servers=(.+)$/m.exec(apiServer?.args.join('\n') ?? '') ?? [];
  const etcd = commands.find(
    ({ args }) => isProgram(args, 'etcd') && args.some((arg) => arg.endsWith(etcdUrl)),
  );
  return apiServer === undefined || etcd === undefined ? [] : [apiServer.pid, etcd.pid];
}

function isProgram([program = '']: readonly string[], name: string): boolean {
  return basename(program) === name;
}

interface Command {
  readonly pid: number;
  readonly args: readonly string[];
}

async function commandLines(): Promise<Command[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry));
  return Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), args: text.split('\0') };
    }),
  );
}

/** A tick of the processor accounts that Linux shows (USER_HZ). */
const TICK_MICROS = 10_000;

/** User and system time of processes since their start, in microseconds. */
export async function cpuMicrosOf(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
      // The second field is the program's name in brackets and may contain anything.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}
