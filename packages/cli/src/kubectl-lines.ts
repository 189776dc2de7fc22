/**
 * How to reach a running process with kubectl: a kubeconfig in its data directory, or the address alone where
 * nothing is kept. A token is shown once, when it is made; after that it is in its file.
 */
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Afflux, ConfigInput, ControlToken } from '@afflux/server';
import type { CommandIo } from './io.ts';

/** A token is in it. */
const OWNER_ONLY = 0o600;

const FILE = 'kubeconfig';

/** Writes the kubeconfig where there is a data directory. Resolves with what to print. */
export async function kubectlLines(
  io: CommandIo,
  afflux: Pick<Afflux, 'controlUrl' | 'controlToken'>,
  { dataDir }: Pick<ConfigInput, 'dataDir'>,
): Promise<string> {
  const { controlUrl: server, controlToken } = afflux;
  const lines: string[] = [];
  if (controlToken !== undefined) lines.push(tokenLine(controlToken));
  if (dataDir === undefined) {
    const token = controlToken === undefined ? '' : ' --token $AFFLUX_TOKEN';
    lines.push(`kubectl --server ${server}${token} get brokers,triggers`);
  } else {
    const file = await writeKubeconfig(resolve(dataDir), server, controlToken?.token);
    const shown = relative(process.cwd(), file);
    lines.push(
      `kubectl --kubeconfig ${shown.startsWith('..') ? file : shown} get brokers,triggers`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The token itself only when nobody can have seen it yet. */
function tokenLine({ token, isNew, file }: ControlToken): string {
  if (isNew) {
    const where = file === undefined ? 'new with each start' : `kept in ${file}`;
    return `token of the control port (${where}): ${token}`;
  }
  return file === undefined
    ? 'the control port asks for the token that was set'
    : `the token of the control port is in ${file}`;
}

async function writeKubeconfig(
  directory: string,
  server: string,
  token: string | undefined,
): Promise<string> {
  const { mergeKubeconfig } = await import('@afflux/control-kubernetes');
  const text = mergeKubeconfig(undefined, {
    name: 'afflux',
    server,
    setCurrentContext: true,
    ...(token === undefined ? {} : { token }),
  });
  const file = join(directory, FILE);
  const written = `${file}.new`;
  await writeFile(written, text, { mode: OWNER_ONLY });
  await chmod(written, OWNER_ONLY);
  await rename(written, file);
  return file;
}
