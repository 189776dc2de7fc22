/**
 * Whom to trust at an https address that nobody has vouched for yet: what answers there now. The certificate is
 * taken as it is, as ssh takes a host key that it sees for the first time; who calls this shows its fingerprint, so
 * that a person can compare. Nothing is sent, and no token above all.
 *
 * A server that the authorities of the system vouch for needs no certificate in a kubeconfig, and none is given.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  checkServerIdentity,
  connect,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { certificateProblem } from '../control-access.ts';
import type { CommandIo } from '../io.ts';
import { failedWith } from './failure.ts';

const CONNECT_MS_MAX = 10_000;
/** A chain that is longer goes in circles. */
const CHAIN_MAX = 10;

export interface PeerCertificate {
  readonly pem: string;
  /** Pairs of hexadecimal digits, as OpenSSL prints them. */
  readonly sha256: string;
}

/** Undefined when the system trusts the server anyway. Rejects when it does not speak TLS, or for another name. */
export async function peerCertificate(
  io: Pick<CommandIo, 'clock' | 'interrupted'>,
  server: string,
): Promise<PeerCertificate | undefined> {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({
    host,
    port: port === '' ? 443 : Number(port),
    // That nobody is known to vouch for it is what this is about.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  try {
    await secured(io, socket, server);
    if (socket.authorized) return undefined;
    const leaf = socket.getPeerCertificate(true);
    const problem = checkServerIdentity(host, leaf) ?? timeProblem(leaf, io.clock.now());
    if (problem !== undefined) throw failedWith(certificateProblem(server, problem) ?? server);
    return certificateOf(topOf(leaf));
  } finally {
    socket.destroy();
  }
}

/** Resolves after the handshake. */
async function secured(
  { clock, interrupted }: Pick<CommandIo, 'clock' | 'interrupted'>,
  socket: TLSSocket,
  server: string,
): Promise<void> {
  const end = (): void => {
    socket.destroy(new Error('interrupted'));
  };
  interrupted.addEventListener('abort', end);
  const timer = clock.setTimer(CONNECT_MS_MAX, () => {
    socket.destroy(new Error(`no answer in ${String(CONNECT_MS_MAX / 1_000)} s`));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
    });
  } catch (error) {
    throw failedWith(
      `error: cannot ask ${server} for its certificate (${whyOf(error)}): is that Afflux running? Or name its data directory with --data-dir, or a file with its certificate in AFFLUX_CA`,
    );
  } finally {
    timer.cancel();
    interrupted.removeEventListener('abort', end);
  }
}

function whyOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return 'it does not speak TLS';
  return code === '' ? message : code;
}

function timeProblem(
  { valid_from: from, valid_to: to }: DetailedPeerCertificate,
  nowMs: number,
): { readonly code: string } | undefined {
  if (Date.parse(to) < nowMs) return { code: 'CERT_HAS_EXPIRED' };
  return Date.parse(from) > nowMs ? { code: 'CERT_NOT_YET_VALID' } : undefined;
}

/** The end of the chain that the server showed. */
function topOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate {
  let top = leaf;
  for (let length = 1; length < CHAIN_MAX; length += 1) {
    // A server that shows no more has none here, whatever the type says.
    const issuer = top.issuerCertificate as DetailedPeerCertificate | undefined;
    if (issuer === undefined || issuer.fingerprint256 === top.fingerprint256) break;
    top = issuer;
  }
  return top;
}

function certificateOf({ raw }: DetailedPeerCertificate): PeerCertificate {
  const certificate = new X509Certificate(raw);
  return { pem: certificate.toString(), sha256: certificate.fingerprint256 };
}
