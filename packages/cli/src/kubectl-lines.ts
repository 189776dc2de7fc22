/**
 * How to reach a running process with kubectl: a kubeconfig in its data directory; where nothing is kept, the address
 * alone, or the command that makes a kubeconfig where a certificate has to be trusted. A token is shown once, when it
 * is made; after that it is in its file.
 */
import { X509Certificate } from 'node:crypto';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { KubeconfigEntry } from '@afflux/control-kubernetes';
import type { Afflux, ConfigInput, ControlToken } from '@afflux/server';
import type { CommandIo } from './io.ts';

/** A token is in it. */
const OWNER_ONLY = 0o600;

const FILE = 'kubeconfig';

/** Writes the kubeconfig where there is a data directory. Resolves with what to print. */
export async function kubectlLines(
  io: CommandIo,
  afflux: Pick<Afflux, 'controlUrl' | 'controlToken' | 'controlCa'>,
  { dataDir }: Pick<ConfigInput, 'dataDir'>,
): Promise<string> {
  const { controlUrl: server, controlToken, controlCa: ca } = afflux;
  const lines: string[] = [];
  if (controlToken !== undefined) lines.push(tokenLine(controlToken));
  // Whoever asks the port for its certificate from elsewhere is shown this, too, and can compare.
  if (ca !== undefined) {
    const { fingerprint256 } = new X509Certificate(ca);
    lines.push(`certificate of the control port: SHA-256 ${fingerprint256}`);
  }
  if (dataDir === undefined) {
    const token = controlToken === undefined ? '' : 'AFFLUX_TOKEN=... ';
    lines.push(
      ca === undefined
        ? `kubectl --server ${server} get brokers,triggers`
        : `${token}afflux kubeconfig --control ${server} > afflux.config && kubectl --kubeconfig afflux.config get brokers,triggers`,
    );
  } else {
    const file = await writeKubeconfig(resolve(dataDir), {
      server,
      token: controlToken?.token,
      ca,
    });
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
  access: Pick<KubeconfigEntry, 'server' | 'token' | 'ca'>,
): Promise<string> {
  const { mergeKubeconfig } = await import('@afflux/control-kubernetes');
  const text = mergeKubeconfig(undefined, {
    name: 'afflux',
    ...access,
    setCurrentContext: true,
  });
  const file = join(directory, FILE);
  const written = `${file}.new`;
  await writeFile(written, text, { mode: OWNER_ONLY });
  await chmod(written, OWNER_ONLY);
  await rename(written, file);
  return file;
}
