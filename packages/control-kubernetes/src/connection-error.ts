/** What went wrong below HTTP, in words that name the server and say what to do; never with a secret in them. */
import type { ClusterAccess } from './cluster-access.ts';
import { KubernetesError } from './errors.ts';

/** What OpenSSL and Node call a certificate that is not believed. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start the server, or choose another context',
  ENOTFOUND: 'the host has no address; check the server of the kubeconfig',
  EAI_AGAIN: 'the host could not be looked up; check the network',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time; check the address and the network',
  ETIMEDOUT: 'it did not answer in time; check the address and the network',
  EHOSTUNREACH: 'there is no way to it; check the network',
  ENETUNREACH: 'there is no way to it; check the network',
  EPROTO: 'it does not speak TLS; check http and https in the server of the kubeconfig',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'it does not speak TLS; check http and https in the server of the kubeconfig',
};

/** Lost after it was there: nobody knows how far the request came. */
const LOST_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Whether the connection broke in use; a request that changes nothing may be sent again. */
export function isConnectionLost(error: unknown): boolean {
  return LOST_CODES.has(codeOf(error));
}

/** Wraps what the HTTP client threw. */
export function connectionError(
  error: unknown,
  access: Pick<ClusterAccess, 'server' | 'origin'>,
): KubernetesError {
  if (error instanceof KubernetesError) return error;
  const code = codeOf(error);
  const server = access.server;
  const details = { server, origin: access.origin, code };
  const options = { cause: error, details };
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new KubernetesError('AFFLUX_KUBERNETES_CLOSED', 'the client is closed', options);
  }
  if (CERTIFICATE_CODES.has(code)) {
    return new KubernetesError(
      'AFFLUX_KUBERNETES_CERTIFICATE_UNTRUSTED',
      `the certificate of ${server} is not trusted (${code}); check certificate-authority-data in ${access.origin}`,
      options,
    );
  }
  if (LOST_CODES.has(code)) {
    return new KubernetesError(
      'AFFLUX_KUBERNETES_UNREACHABLE',
      `the connection to ${server} was lost; a write may or may not have taken effect`,
      options,
    );
  }
  const why = ADVICE[code] ?? (error instanceof Error ? error.message : String(error));
  return new KubernetesError(
    'AFFLUX_KUBERNETES_UNREACHABLE',
    `cannot reach ${server} (${access.origin}): ${why}`,
    options,
  );
}
