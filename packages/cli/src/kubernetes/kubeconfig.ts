/**
 * `afflux kubeconfig`: what kubectl, kn and client libraries need to talk to a running Afflux, as a kubeconfig of its
 * own or as an entry in the user's. The entry is called `afflux` in all three lists; nothing else of the file is
 * touched, and an entry of that name that leads to a real cluster is not overwritten.
 */
import { homedir } from 'node:os';
import { kubeconfigPaths, mergeKubeconfig, type KubeconfigEntry } from '@afflux/control-kubernetes';
import { parse } from 'yaml';
import type { CommandIo } from '../io.ts';
import { failedWith } from './failure.ts';
import { isRecord } from './objects.ts';
import { controlToken, controlUrl } from './session.ts';
import { changeFile } from './write-file-atomically.ts';

/** Of cluster, user and context. */
const NAME = 'afflux';

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
  const entry: KubeconfigEntry = {
    name: NAME,
    server: controlUrl(flags.control),
    namespace: flags.namespace,
    token: await controlToken(io, flags.dataDir),
  };
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

async function write(
  io: CommandIo,
  entry: KubeconfigEntry,
  { file, use }: KubeconfigFlags,
): Promise<void> {
  const homeDirectory = io.env['HOME'] ?? homedir();
  const [first = ''] = kubeconfigPaths({ env: io.env, homeDirectory, path: file });
  const changed = await changeFile(first, {
    change: (text) => {
      if (text !== undefined && isForeign(text)) throw foreign(first);
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

/** Whether there is an entry of our name with more in it than this command writes. */
function isForeign(text: string): boolean {
  let config: unknown;
  try {
    config = parse(text);
  } catch {
    // Whoever merges says what is wrong with the file.
    return false;
  }
  const has = (list: string, field: string, ours: readonly string[]): boolean => {
    const entries = isRecord(config) ? config[list] : undefined;
    const entry = (Array.isArray(entries) ? entries : [])
      .filter(isRecord)
      .find(({ name }) => name === NAME);
    const content = entry?.[field];
    return isRecord(content) && Object.keys(content).some((key) => !ours.includes(key));
  };
  return has('clusters', 'cluster', ['server']) || has('users', 'user', ['token']);
}

function foreign(file: string): Error {
  return failedWith(
    `error: ${file} has an entry ${NAME} that this command did not write (it has certificates or other credentials): rename it, or choose another file with --file`,
  );
}
