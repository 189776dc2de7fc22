/**
 * A real kube-apiserver to compare with: the one that KUBECONFIG leads to, when it is a server without controllers
 * such as envtest starts (KUBEBUILDER_ASSETS is set). Its processor time is that of kube-apiserver and of its etcd,
 * from /proc, in steps of 10 ms.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { ApiAccess } from './api-client.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface RealServer {
  readonly access: ApiAccess;
  /** kube-apiserver and etcd; empty where they cannot be found. */
  readonly pids: readonly number[];
}

/** Undefined, with the reason on stderr, where there is nothing to compare with. */
export async function realServer(env: Env): Promise<RealServer | undefined> {
  const missing = ['KUBECONFIG', 'KUBEBUILDER_ASSETS'].find((name) => (env[name] ?? '') === '');
  if (missing !== undefined) {
    process.stderr.write(`api: nothing to compare with, ${missing} is not set\n`);
    return undefined;
  }
  const access = await accessOf(env['KUBECONFIG'] ?? '');
  const pids = await serverPids(new URL(access.url).port);
  if (pids.length === 0) process.stderr.write('api: kube-apiserver runs elsewhere, no CPU of it\n');
  return { access, pids };
}

async function accessOf(file: string): Promise<ApiAccess> {
  const config = new KubeConfig();
  config.loadFromFile(file);
  const url = config.getCurrentCluster()?.server ?? '';
  const options: { ca?: unknown; cert?: unknown; key?: unknown } = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key } = options;
  return { url, tls: { ca: String(ca), cert: String(cert), key: String(key) } };
}

/** The kube-apiserver that listens on the port, and the etcd that it names. */
async function serverPids(port: string): Promise<number[]> {
  const commands = await commandLines();
  const apiServer = commands.find(
    ({ args }) => isProgram(args, 'kube-apiserver') && args.includes(`--secure-port=${port}`),
  );
  const [, etcdUrl = ''] = /^--etcd-servers=(.+)$/m.exec(apiServer?.args.join('\n') ?? '') ?? [];
  const etcd = commands.find(({ args }) => isProgram(args, 'etcd') && args.includes(etcdUrl));
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
