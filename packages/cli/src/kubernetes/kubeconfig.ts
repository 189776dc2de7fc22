/**
 * `afflux kubeconfig`: what kubectl, kn and client libraries need to talk to a running Afflux, as a kubeconfig of its
 * own or as an entry in the user's. The entry is called `afflux` in all three lists; nothing else of the file is
 * touched, and an entry of that name that leads to a real cluster is not overwritten.
 *
 * kubectl sends a token over TLS only, whatever the address says: with a token the entry has an https address, and
 * the certificate that vouches for it. That is read in the data directory, or asked for at the port.
 */
import { isRecord } from '@afflux/resources';
import { X509Certificate } from 'node:crypto';
import { homedir } from 'node:os';
import { kubeconfigPaths, mergeKubeconfig, type KubeconfigEntry } from '@afflux/control-kubernetes';
import { parse } from 'yaml';
import { controlCa, controlToken } from '../control-access.ts';
import type { CommandIo } from '../io.ts';
import { failedWith } from './failure.ts';
import { peerCertificate } from './peer-certificate.ts';
import { controlUrl } from './session.ts';
import { changeFile } from './write-file-atomically.ts';

/** Of cluster, user and context. */
const NAME = 'afflux';

const CA_DATA = 'certificate-authority-data';
const SKIP_VERIFY = 'insecure-skip-tls-verify';

const OTHERS_MAY_READ = 0o044;

export interface KubeconfigFlags {
  readonly write: boolean;
  readonly use: boolean;
  readonly control?: string;
  readonly file?: string;
  readonly dataDir?: string;
  readonly namespace?: string;
}

export async function kubeconfig(io: CommandIo, flags: KubeconfigFlags): Promise<void> {
  const token = await controlToken(io, flags.dataDir);
  const server = serverOf(io, flags, token);
  const ca = server.startsWith('https:') ? await trusted(io, flags, server) : undefined;
  const entry: KubeconfigEntry = { name: NAME, server, namespace: flags.namespace, token, ca };
  if (!flags.write) {
    // A file of its own has nothing to prefer but this.
    io.out(mergeKubeconfig(undefined, { ...entry, setCurrentContext: true }));
    io.err(
      'Into a file: afflux kubeconfig > afflux.config, then kubectl --kubeconfig afflux.config get brokers\nInto your own kubeconfig: afflux kubeconfig --write\n',
    );
    return;
  }
  await write(io, { ...entry, setCurrentContext: flags.use }, flags);
}

/** The address that kubectl is to call. */
function serverOf(io: CommandIo, { control }: KubeconfigFlags, token: string | undefined): string {
  const given = controlUrl(control);
  if (token === undefined || given.startsWith('https:')) return given;
  const url = new URL(given);
  const port = url.port === '' ? ':80' : `:${url.port}`;
  const secure = `https://${url.hostname}${port}${url.pathname.replace(/\/+$/, '')}`;
  if (control !== undefined) io.err(`kubectl sends a token over https only: ${secure} it is\n`);
  return secure;
}

/** What vouches for the server, where the system does not. */
async function trusted(
  io: CommandIo,
  { dataDir }: KubeconfigFlags,
  server: string,
): Promise<string | undefined> {
  const known = await controlCa(io, dataDir);
  if (known !== undefined) return known;
  const seen = await peerCertificate(io, server);
  if (seen === undefined) return undefined;
  io.err(
    `trusting what ${server} showed just now, compare it with what that Afflux printed at its start:\nSHA-256 ${seen.sha256}\n`,
  );
  return seen.pem;
}

async function write(
  io: CommandIo,
  entry: KubeconfigEntry,
  { file, use }: KubeconfigFlags,
): Promise<void> {
  const homeDirectory = io.env['HOME'] ?? homedir();
  const [first = ''] = kubeconfigPaths({ env: io.env, homeDirectory, path: file });
  const changed = await changeFile(first, {
    change: (text) => {
      if (text !== undefined && isForeign(text, entry)) throw foreign(first);
      return mergeKubeconfig(text === '' ? undefined : text, entry);
    },
  });
  const where = changed.path === first ? first : `${first} (${changed.path})`;
  io.out(`${changed.hasChanged ? 'wrote' : 'already there:'} context ${NAME} in ${where}\n`);
  if (entry.token !== undefined && (changed.mode & OTHERS_MAY_READ) !== 0) {
    io.err(`Warning: others may read ${changed.path}, which holds a token now: chmod 600 it\n`);
  }
  const kubectl = file === undefined ? 'kubectl' : `kubectl --kubeconfig ${file}`;
  io.out(
    use
      ? `kubectl uses it from now on: ${kubectl} get brokers\n`
      : `use it: ${kubectl} --context ${NAME} get brokers\n`,
  );
}

/** Whether there is an entry of our name with more in it than this command writes, or for somebody else's server. */
function isForeign(text: string, { server, ca }: KubeconfigEntry): boolean {
  let config: unknown;
  try {
    config = parse(text);
  } catch {
    // Whoever merges says what is wrong with the file.
    return false;
  }
  const find = (list: string, field: string): Readonly<Record<string, unknown>> => {
    const entries = isRecord(config) ? config[list] : undefined;
    const entry = (Array.isArray(entries) ? entries : [])
      .filter(isRecord)
      .find(({ name }) => name === NAME);
    const content = entry?.[field];
    return isRecord(content) ? content : {};
  };
  const hasMore = (content: object, ours: readonly string[]): boolean =>
    Object.keys(content).some((key) => !ours.includes(key));
  const cluster = find('clusters', 'cluster');
  const isPlain = /^http:/i.test(String(cluster['server']));
  const written = ['server', CA_DATA, ...(isPlain ? [SKIP_VERIFY] : [])];
  if (hasMore(cluster, written) || hasMore(find('users', 'user'), ['token'])) {
    return true;
  }
  // A cluster may have just that, too; who vouches for it says whose it is.
  return (
    cluster[CA_DATA] !== undefined && cluster['server'] !== server && !isOurs(cluster[CA_DATA], ca)
  );
}

/** Whether a certificate in base64 is one that an Afflux made, or the one that is to be written now. */
function isOurs(data: unknown, ca: string | undefined): boolean {
  try {
    const certificate = new X509Certificate(Buffer.from(String(data), 'base64'));
    return /^O=Afflux$/m.test(certificate.subject) || certificate.toString() === ca;
  } catch {
    return false;
  }
}

function foreign(file: string): Error {
  return failedWith(
    `error: ${file} has an entry ${NAME} that this command did not write (it has certificates or other credentials): rename it, or choose another file with --file`,
  );
}
