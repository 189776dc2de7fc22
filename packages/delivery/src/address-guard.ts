/**
 * Keeps delivery from being turned against the network it runs in (server-side request forgery).
 *
 * The addresses of subscribers are user input. So: judge the URL when it is first seen (scheme, user
 * information, literal addresses in any notation), and judge every answer of the resolver when a connection
 * is made; the connection then goes to the address that was judged, never to the name. A name whose answer
 * changes between check and use gains nothing.
 *
 * Link-local and metadata addresses, multicast, broadcast and reserved ranges are never connected to.
 * Loopback and private ranges are a matter of policy. There is no cache here: every new connection asks the
 * resolver again, so a changed address is noticed; concurrent questions for one name share one answer.
 *
 * `localhost` and names below it are the loopback addresses without asking anybody (RFC 6761 §6.3).
 */
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { addressKind } from './address-ranges.ts';
import type { AddressKind } from './address-ranges.ts';
import { DeliveryError } from './errors.ts';

export interface AddressPolicy {
  /** Whether 127.0.0.0/8, ::1 and `*.localhost` may be connected to. Default false. */
  readonly allowLoopback?: boolean;
  /** Whether private, shared and unique-local ranges may be connected to. Default false. */
  readonly allowPrivate?: boolean;
}

/** Asks the system for all addresses of a name. */
export type ResolveName = (
  hostname: string,
  callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Names of metadata services; their addresses are refused whatever name leads to them. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data.ec2.internal',
  'metadata.tencentyun.com',
  'metadata.azure.internal',
]);

const LOOPBACK_ADDRESSES: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

const resolveBySystem: ResolveName = (hostname, callback) => {
  systemLookup(hostname, { all: true, verbatim: true }, callback);
};

export class AddressGuard {
  readonly #allowed: ReadonlySet<AddressKind>;
  readonly #resolve: ResolveName;
  /** Questions under way; bounded by the connections being made. */
  readonly #waiting = new Map<
    string,
    ((error: Error | null, found: readonly LookupAddress[]) => void)[]
  >();

  constructor(options: { readonly policy?: AddressPolicy; readonly resolve?: ResolveName } = {}) {
    const { allowLoopback = false, allowPrivate = false } = options.policy ?? {};
    const allowed: AddressKind[] = ['public'];
    if (allowLoopback) allowed.push('loopback');
    if (allowPrivate) allowed.push('private');
    this.#allowed = new Set(allowed);
    this.#resolve = options.resolve ?? resolveBySystem;
  }

  /**
   * The URL to send to, judged as far as that is possible without a resolver.
   *
   * @throws DeliveryError `AFFLUX_DELIVERY_TARGET_INVALID` or `AFFLUX_DELIVERY_ADDRESS_REFUSED`; messages
   * never contain user information or query.
   */
  checkUrl(text: string): URL {
    const url = parseHttpUrl(text);
    if (url.username !== '' || url.password !== '') {
      throw refused('the URL has user information; use a header or a secret instead', url.host);
    }
    const hostname = bareHostname(url);
    if (METADATA_NAMES.has(hostname)) throw refused(describe(hostname, 'metadata'), hostname);
    if (isIP(hostname) !== 0) this.checkAddress(hostname);
    return url;
  }

  /** @throws DeliveryError `AFFLUX_DELIVERY_ADDRESS_REFUSED` when connecting to this IP is not allowed. */
  checkAddress(address: string): void {
    const kind = addressKind(address) ?? 'reserved';
    if (!this.#allowed.has(kind)) throw refused(describe(address, kind), address);
  }

  /** For the `lookup` option of `net.connect` and `tls.connect`: answers only with allowed addresses. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#resolveOnce(hostname.toLowerCase().replace(/\.$/, ''), (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const wanted = found.filter(({ family }) => isWanted(family, options.family));
      const allowed = wanted.filter(({ address }) => this.#isAllowed(address));
      const [first] = allowed;
      if (first === undefined) callback(this.#refusalOf(hostname, wanted), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

  #isAllowed(address: string): boolean {
    return this.#allowed.has(addressKind(address) ?? 'reserved');
  }

  #refusalOf(hostname: string, found: readonly LookupAddress[]): Error {
    const [first] = found;
    if (first === undefined) return new Error(`no address found for ${hostname}`);
    const kind = addressKind(first.address) ?? 'reserved';
    return refused(`${hostname} resolves to ${describe(first.address, kind)}`, hostname);
  }

  #resolveOnce(
    hostname: string,
    callback: (error: Error | null, found: readonly LookupAddress[]) => void,
  ): void {
    if (hostname === 'localhost' || hostname.endsWith('.localhost')) {
      callback(null, LOOPBACK_ADDRESSES);
      return;
    }
    const waiting = this.#waiting.get(hostname);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    const callbacks = [callback];
    this.#waiting.set(hostname, callbacks);
    this.#resolve(hostname, (error, found) => {
      this.#waiting.delete(hostname);
      for (const each of callbacks) each(error, error === null ? found : []);
    });
  }
}

function parseHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new DeliveryError('the target is not an absolute http or https URL', {
      code: 'AFFLUX_DELIVERY_TARGET_INVALID',
      fault: 'user',
    });
  }
  return url;
}

/** The URL parser has turned decimal, octal, hexadecimal and short IPv4 forms into dotted ones. */
function bareHostname(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isWanted(family: number, wanted: number | string | undefined): boolean {
  if (wanted === 4 || wanted === 'IPv4') return family === 4;
  if (wanted === 6 || wanted === 'IPv6') return family === 6;
  return true;
}

function describe(address: string, kind: AddressKind): string {
  return kind === 'loopback' || kind === 'private'
    ? `${address}, a ${kind} address, which the address policy does not allow`
    : `${address}, a ${kind} address, which is never allowed`;
}

function refused(message: string, host: string): DeliveryError {
  return new DeliveryError(`the target is refused: ${message}`, {
    code: 'AFFLUX_DELIVERY_ADDRESS_REFUSED',
    fault: 'user',
    details: { host },
  });
}
