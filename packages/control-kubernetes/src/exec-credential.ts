/**
 * Runs a credential program (client-go's `exec` plug-ins): it prints an ExecCredential with a token, a client
 * certificate, or both, and says how long they are good. The program is started without a shell, gets no input, and
 * is bounded in time and output. What it prints is a secret: no error quotes it.
 */
import { execFile } from 'node:child_process';
import type { ClusterAccess, ExecPlugin } from './cluster-access.ts';
import { KubernetesError } from './errors.ts';

const EXEC_MS_MAX = 60_000;
const OUTPUT_BYTES_MAX = 1024 * 1024;
/** Of what the program complained, so much is shown. */
const STDERR_CHARS_SHOWN = 500;

export interface ExecCredential {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Wall-clock milliseconds; undefined: good until the server says no. */
  readonly expiresAtMs?: number | undefined;
}

/** Asks the program. Rejects with AFFLUX_KUBERNETES_CREDENTIALS_FAILED. */
export async function runExecPlugin(
  plugin: ExecPlugin,
  access: Pick<ClusterAccess, 'server' | 'ca' | 'tlsServerName' | 'insecureSkipTlsVerify'>,
): Promise<ExecCredential> {
  const env = { ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, access) };
  return parseCredential(plugin, await run(plugin, env));
}

function execInfo(
  plugin: ExecPlugin,
  access: Pick<ClusterAccess, 'server' | 'ca' | 'tlsServerName' | 'insecureSkipTlsVerify'>,
): string {
  const cluster = {
    server: access.server,
    'tls-server-name': access.tlsServerName,
    'insecure-skip-tls-verify': access.insecureSkipTlsVerify,
    'certificate-authority-data':
      access.ca === undefined ? undefined : Buffer.from(access.ca, 'utf8').toString('base64'),
    config: plugin.clusterConfig,
  };
  return JSON.stringify({
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster } : {}) },
  });
}

function run(plugin: ExecPlugin, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      plugin.command,
      plugin.args,
      { env, timeout: EXEC_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(runFailed(plugin, error, stderr));
      },
    );
    child.stdin?.end();
  });
}

function runFailed(
  plugin: ExecPlugin,
  error: Error & { code?: unknown; killed?: boolean },
  stderr: string,
): KubernetesError {
  if (error.code === 'ENOENT') {
    const hint = plugin.installHint === undefined ? '' : `: ${plugin.installHint}`;
    return failed(plugin, `is not installed or not in PATH${hint}`);
  }
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return failed(plugin, `printed more than ${String(OUTPUT_BYTES_MAX)} bytes`);
  }
  if (error.killed === true) return failed(plugin, `took longer than ${String(EXEC_MS_MAX)} ms`);
  const complaint = stderr.trim().slice(0, STDERR_CHARS_SHOWN);
  return failed(plugin, `failed${complaint === '' ? '' : `: ${complaint}`}`);
}

function failed(plugin: ExecPlugin, problem: string): KubernetesError {
  return new KubernetesError(
    'AFFLUX_KUBERNETES_CREDENTIALS_FAILED',
    `the credential program ${plugin.command} ${problem}`,
    { details: { command: plugin.command } },
  );
}

interface Answer {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly status?: Readonly<Record<string, unknown>> | null;
}

function parseCredential(plugin: ExecPlugin, output: string): ExecCredential {
  let answer: Answer | null;
  try {
    answer = JSON.parse(output) as Answer | null;
  } catch {
    throw failed(plugin, 'printed something that is not JSON');
  }
  if (answer?.kind !== 'ExecCredential' || answer.apiVersion !== plugin.apiVersion) {
    throw failed(plugin, `printed no ExecCredential of ${plugin.apiVersion}`);
  }
  const status = answer.status ?? {};
  const text = (name: string): string | undefined => {
    const value = status[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const token = text('token');
  const cert = text('clientCertificateData');
  const key = text('clientKeyData');
  if ((cert === undefined) !== (key === undefined)) {
    throw failed(plugin, 'printed a certificate without a key, or a key without a certificate');
  }
  if (token === undefined && cert === undefined) {
    throw failed(plugin, 'printed neither a token nor a certificate');
  }
  const expiresAtMs = Date.parse(text('expirationTimestamp') ?? '');
  return { token, cert, key, expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs };
}
