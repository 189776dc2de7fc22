/**
 * Makes the certificate of the control port: an authority of its own, and a certificate for this machine that the
 * authority signs.
 *
 * Two certificates, not one that vouches for itself: what people put into a kubeconfig is the authority, which lives
 * ten years, so that their files stay right when the other one is made anew because it runs out or the machine has
 * got another address. There are TLS libraries, too, that refuse a server whose certificate is that of an authority.
 * Both stand on one key: whoever can read it could speak for this port anyway, and the authority is trusted for
 * nothing else.
 *
 * The library is loaded only when there is a certificate to make.
 */
import {
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { isIP } from 'node:net';

const DAY_MS = 24 * 60 * 60 * 1_000;
const CERTIFICATE_DAYS = 365;
const AUTHORITY_DAYS = 3_650;
/** Clocks of other machines may be behind ours. */
const CLOCK_SKEW_MS = 60 * 60 * 1_000;
/** RFC 5280 allows 20; the first bit must not be set. */
const SERIAL_BYTES = 16;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What signs certificates. */
export interface Authority {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

/** An authority on a new key. */
export async function makeAuthority(nowMs: number): Promise<Authority> {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const x509 = await library();
  const keys = await webKeys(key);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // A name that no other has: clients look authorities up by their names.
    name: [{ O: ['Afflux'] }, { CN: [`Afflux CA ${randomBytes(4).toString('hex')}`] }],
    ...validity(nowMs, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key, certificate: new X509Certificate(made.toString('pem')) };
}

/** A certificate for these names and addresses, on the key of the authority. */
export async function makeCertificate(
  authority: Authority,
  names: readonly string[],
  nowMs: number,
): Promise<X509Certificate> {
  const x509 = await library();
  const keys = await webKeys(authority.key);
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ O: ['Afflux'] }, { CN: ['Afflux control port'] }],
    issuer: new x509.X509Certificate(authority.certificate.raw).subjectName,
    ...validity(nowMs, CERTIFICATE_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return new X509Certificate(made.toString('pem'));
}

async function library() {
  // The library registers what it is made of by metadata on classes, which this puts into the language.
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

async function webKeys(key: KeyObject) {
  const { subtle } = webcrypto;
  const privateDer = key.export({ type: 'pkcs8', format: 'der' });
  const publicDer = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await subtle.importKey('pkcs8', privateDer, ALGORITHM, true, ['sign']),
    publicKey: await subtle.importKey('spki', publicDer, ALGORITHM, true, ['verify']),
  };
}

function validity(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(nowMs - CLOCK_SKEW_MS),
    notAfter: new Date(nowMs + days * DAY_MS),
  };
}

function newSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  // Positive, and of the same length always.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
