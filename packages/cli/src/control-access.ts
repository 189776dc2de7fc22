/**
 * What it takes to talk to a control port that asks for a token: the token, and whom to trust when it speaks TLS.
 * Both come from the environment, or from the data directory of the Afflux; nothing here asks the network.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from './errors.ts';
import type { CommandIo } from './io.ts';

/** Files of a data directory. */
const TOKEN_FILE = 'token';
const CERTIFICATE_FILE = 'tls.crt';

/** Longest token that is read from a file. */
const TOKEN_BYTES_MAX = 4_096;

/** What OpenSSL and Node call a certificate that nobody known vouches for. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The token of the control port: that of the environment, else that in the data directory, else none. */
export async function controlToken(
  { env }: Pick<CommandIo, 'env'>,
  dataDir: string | undefined,
): Promise<string | undefined> {
  const given = env['AFFLUX_TOKEN'] ?? '';
  if (given !== '') return given;
  if (dataDir === undefined) return undefined;
  const file = join(dataDir, TOKEN_FILE);
  // A port that asks for no token has none there.
  const token = (await textOf(file, 'the token'))?.trim();
  if (token === undefined) return undefined;
  if (token === '' || token.length > TOKEN_BYTES_MAX || /\s/.test(token)) {
    throw usageError(`${file} holds no token`);
  }
  return token;
}

/**
 * PEM of the certificates that may vouch for a control port: the file that the environment names, else the authority
 * in the data directory; undefined where neither is there, and those count that Node trusts.
 */
export async function controlCa(
  { env }: Pick<CommandIo, 'env'>,
  dataDir: string | undefined,
): Promise<string | undefined> {
  const given = env['AFFLUX_CA'] ?? '';
  if (given !== '') {
    const text = await textOf(given, 'the certificates of AFFLUX_CA');
    if (text === undefined) throw usageError(`there is no file ${given}, which AFFLUX_CA names`);
    return certificatesIn(given, text).join('');
  }
  if (dataDir === undefined) return undefined;
  const file = join(dataDir, CERTIFICATE_FILE);
  const text = await textOf(file, 'the certificate');
  // The authority is the last one.
  return text === undefined ? undefined : certificatesIn(file, text).at(-1);
}

/** What a certificate that is not believed means, and what to do; undefined for every other error. */
export function certificateProblem(server: string, error: unknown): string | undefined {
  const { code, cert } = (error ?? {}) as {
    readonly code?: unknown;
    readonly cert?: { readonly subjectaltname?: string };
  };
  if (typeof code !== 'string') return undefined;
  if (UNTRUSTED.has(code)) {
    return `error: the certificate of ${server} is not known: name the data directory of that Afflux with --data-dir, or a file with its certificate (tls.crt in the data directory) in AFFLUX_CA`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `error: the certificate of ${server} is for other names (${cert?.subjectaltname ?? 'none'}): call it by one of them; an Afflux that is started anew learns of new ones`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const what = code === 'CERT_HAS_EXPIRED' ? 'has run out' : 'is not valid yet';
    return `error: the certificate of ${server} ${what}: look at the clocks of both machines, or start that Afflux anew`;
  }
  return undefined;
}

/** Undefined where there is no file. */
async function textOf(file: string, what: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw usageError(`cannot read ${what} in ${file} (${code ?? String(cause)})`);
  }
}

function certificatesIn(file: string, text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block).toString());
    if (certificates.length > 0) return certificates;
  } catch {
    // Said below.
  }
  throw usageError(`${file} has no certificate in PEM, or a damaged one`);
}
