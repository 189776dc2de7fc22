/**
 * The certificate of the control port: kept in the data directory beside the token, so that what people have put
 * into a kubeconfig stays right; without a directory it is a new one with each start. A user's own files win.
 *
 * What is kept is used again as long as it is whole, lives for another month, and has every name that this machine
 * has now. When only the names or the time are short, the authority stays and signs anew; when the files are
 * damaged, everything is made anew, and every kubeconfig that was handed out must be, too: so it is logged.
 *
 * `tls.crt` has the certificate and its authority, `tls.key` the key of both. A crash between the two files leaves
 * a pair that does not fit, which is found at the next start.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock, Logger } from '@afflux/kernel';
import { makeAuthority, makeCertificate, type Authority } from './control-certificate.ts';
import { machineNames, namesOf } from './control-names.ts';
import { ServerError } from './errors.ts';

const CERTIFICATE_FILE = 'tls.crt';
const KEY_FILE = 'tls.key';
const OWNER_ONLY = 0o600;

/** Made anew at a start when fewer are left. */
const DAYS_LEFT_MIN = 30;
/** The authority must outlive what it signs. */
const AUTHORITY_DAYS_LEFT_MIN = 366;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** What the control port shows its callers. */
export interface ControlTls {
  /** PEM of the certificate and of those that lead to its authority. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** PEM of the certificate that clients have to trust: the last one of `cert`. */
  readonly ca: string;
  /** Whether the user gave it. */
  readonly isGiven: boolean;
  /** Whether clients that call by this name or address accept the certificate. */
  covers(host: string): boolean;
  /** The first of these that the certificate has; else the first name that it does have. */
  hostFor(...wanted: readonly string[]): string | undefined;
}

export interface ControlTlsOptions {
  /** What the port listens on. */
  readonly host: string;
  /** Other names that callers use. */
  readonly allowedHosts?: readonly string[];
  /** The user's own. */
  readonly files?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly dataDir?: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  /** Names and addresses of this machine. */
  readonly machine?: () => readonly string[];
}

/** Rejects with AFFLUX_SERVER_TLS when files cannot be used, or not be written. */
export async function controlTls(options: ControlTlsOptions): Promise<ControlTls> {
  const { files, dataDir, machine = machineNames } = options;
  if (files !== undefined) return givenTls(files, options);
  const names = namesOf(options.host, options.allowedHosts ?? [], machine());
  if (dataDir === undefined) return ownTls(await signed(undefined, names, options.clock));
  return ownTls(await keptOrMade(dataDir, names, options));
}

interface Pair {
  readonly authority: Authority;
  readonly certificate: X509Certificate;
}

async function keptOrMade(
  dataDir: string,
  names: readonly string[],
  { clock, logger }: ControlTlsOptions,
): Promise<Pair> {
  const file = join(dataDir, CERTIFICATE_FILE);
  let kept: Pair | undefined;
  try {
    kept = await readPair(dataDir);
  } catch (error) {
    if (!(error instanceof Damage)) throw unusable(file, error);
    const fields = { file, reason: error.message };
    logger.warn(fields, 'certificate and authority of the control port are made anew');
  }
  const reason = kept === undefined ? undefined : shortOf(kept, names, clock.now());
  if (kept !== undefined && reason === undefined) return kept;
  if (reason !== undefined) {
    logger.info({ file, reason }, 'certificate of the control port is made anew');
  }
  const authority =
    kept !== undefined && hasTime(kept.authority.certificate, AUTHORITY_DAYS_LEFT_MIN, clock.now())
      ? kept.authority
      : undefined;
  const made = await signed(authority, names, clock);
  try {
    if (authority === undefined) {
      await replaceFile(join(dataDir, KEY_FILE), keyPem(made.authority.key));
    }
    await replaceFile(file, chainPem(made));
  } catch (error) {
    throw unusable(file, error);
  }
  return made;
}

async function signed(
  kept: Authority | undefined,
  names: readonly string[],
  clock: Pick<Clock, 'now'>,
): Promise<Pair> {
  const authority = kept ?? (await makeAuthority(clock.now()));
  return { authority, certificate: await makeCertificate(authority, names, clock.now()) };
}

/** Why a kept pair does not do any more; undefined when it does. */
function shortOf(
  { authority, certificate }: Pair,
  names: readonly string[],
  nowMs: number,
): string | undefined {
  if (!hasTime(authority.certificate, DAYS_LEFT_MIN, nowMs)) return 'its authority runs out';
  if (!hasTime(certificate, DAYS_LEFT_MIN, nowMs)) return 'it runs out';
  const missing = names.filter((name) => !covers(certificate, name));
  return missing.length === 0 ? undefined : `it lacks ${missing.join(', ')}`;
}

function hasTime({ validFrom, validTo }: X509Certificate, days: number, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && Date.parse(validTo) - nowMs >= days * DAY_MS;
}

/** What is in the files is not what was written there. */
class Damage extends Error {}

/** What is kept; undefined where there is nothing yet. Throws {@link Damage} for what cannot be used. */
async function readPair(dataDir: string): Promise<Pair | undefined> {
  const files = [join(dataDir, CERTIFICATE_FILE), join(dataDir, KEY_FILE)] as const;
  const [certText, keyText] = await Promise.all(files.map(readIfThere));
  if (certText === undefined && keyText === undefined) return undefined;
  if (certText === undefined) throw new Damage(`there is no ${CERTIFICATE_FILE}`);
  if (keyText === undefined) throw new Damage(`there is no ${KEY_FILE}`);
  const [certificate, ca, ...others] = certificatesIn(certText) ?? [];
  const key = keyIn(keyText);
  if (certificate === undefined || ca === undefined || others.length > 0) {
    throw new Damage(`${CERTIFICATE_FILE} is damaged`);
  }
  if (key === undefined) throw new Damage(`${KEY_FILE} is damaged`);
  const isWhole = ca.ca && certificate.verify(ca.publicKey) && ca.verify(ca.publicKey);
  if (!isWhole) throw new Damage(`the certificates in ${CERTIFICATE_FILE} do not belong together`);
  if (!certificate.checkPrivateKey(key) || !ca.checkPrivateKey(key)) {
    throw new Damage(`${KEY_FILE} is not the key of ${CERTIFICATE_FILE}`);
  }
  await Promise.all(files.map((file) => chmod(file, OWNER_ONLY)));
  return { authority: { key, certificate: ca }, certificate };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, whenever the process dies. */
async function replaceFile(file: string, text: string): Promise<void> {
  const written = `${file}.new`;
  await rm(written, { force: true });
  const handle = await open(written, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(written, file);
}

async function givenTls(
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  { clock, logger }: ControlTlsOptions,
): Promise<ControlTls> {
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch((error: unknown) => {
      throw unusable(file, error);
    });
  const chain = certificatesIn(await read(certFile));
  const key = keyIn(await read(keyFile));
  const [certificate] = chain ?? [];
  if (chain === undefined || certificate === undefined) {
    throw unusable(certFile, 'it must have certificates in PEM, that of the port first');
  }
  if (key === undefined) throw unusable(keyFile, 'it must have a private key in PEM, unencrypted');
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(keyFile, `it is not the key of the first certificate in ${certFile}`);
  }
  if (!hasTime(certificate, 0, clock.now())) {
    const { validFrom, validTo } = certificate;
    const fields = { file: certFile, validFrom, validTo };
    logger.warn(fields, 'certificate of the control port is not valid now');
  }
  return tlsOf(chain, key, true);
}

function ownTls({ authority, certificate }: Pair): ControlTls {
  return tlsOf([certificate, authority.certificate], authority.key, false);
}

function tlsOf(chain: readonly X509Certificate[], key: KeyObject, isGiven: boolean): ControlTls {
  const [certificate] = chain;
  const pems = chain.map(String);
  return {
    cert: pems.join(''),
    key: keyPem(key),
    ca: pems.at(-1) ?? '',
    isGiven,
    covers: (host) => certificate !== undefined && covers(certificate, host),
    hostFor: (...wanted) =>
      certificate === undefined
        ? undefined
        : [...wanted, ...namesIn(certificate)].find((name) => covers(certificate, name)),
  };
}

function covers(certificate: X509Certificate, host: string): boolean {
  // A zone says on which link an address is; certificates know nothing of it.
  const [name = ''] = host.split('%');
  const found =
    isIP(name) === 0
      ? certificate.checkHost(name, { subject: 'never' })
      : certificate.checkIP(name);
  return name !== '' && found !== undefined;
}

/** Names as the certificate lists them, but for those with a star. */
function namesIn({ subjectAltName = '' }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(/(?:DNS|IP Address):([A-Za-z0-9.:_-]+)(?=,|$)/g)];
  return names.map(([, name = '']) => name);
}

function chainPem({ authority, certificate }: Pair): string {
  return [certificate, authority.certificate].map(String).join('');
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Undefined for what is no certificate. */
function certificatesIn(text: string): X509Certificate[] | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function keyIn(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

function unusable(file: string, cause: unknown): ServerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ServerError(`the certificate of the control port cannot be used: ${file}: ${why}`, {
    code: 'AFFLUX_SERVER_TLS',
    fault: 'user',
    cause,
    details: { file },
  });
}
