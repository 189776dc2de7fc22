/**
 * What kind of place an IP address is. A table of ranges, first match wins; IPv6 forms that carry an IPv4
 * address (mapped, translated, compatible, NAT64, 6to4, Teredo, ISATAP) are judged by the address inside,
 * because that is where packets may end up.
 *
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries; metadata services as the cloud providers
 * document them.
 */
import { isIPv4, isIPv6 } from 'node:net';

export type AddressKind =
  | 'public'
  | 'loopback'
  /** Private, shared, unique-local, and ranges for documentation and benchmarks. */
  | 'private'
  | 'link-local'
  /** Instance metadata and credential services of clouds. */
  | 'metadata'
  /** Multicast, broadcast, unspecified and everything that is no place to send to. */
  | 'reserved';

interface Range {
  readonly prefix: Uint8Array;
  readonly bits: number;
  readonly kind: AddressKind;
}

/** Credential and metadata services that are not in 169.254.0.0/16 or fe80::/10. */
const METADATA: readonly string[] = [
  '100.100.100.200/32', // Alibaba Cloud
  '168.63.129.16/32', // Azure wire server
  '192.0.0.192/32', // Oracle Cloud, classic
  'fd00:ec2::/32', // AWS: instance metadata ::254, pod identity ::23, DNS ::253
  'fd20:ce::254/128', // Google Cloud
];

const IPV4_RANGES: readonly Range[] = [
  ...ranges(
    'metadata',
    METADATA.filter((cidr) => !cidr.includes(':')),
  ),
  ...ranges('loopback', ['127.0.0.0/8']),
  ...ranges('link-local', ['169.254.0.0/16']),
  ...ranges('private', [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '192.0.2.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
  ]),
  ...ranges('reserved', [
    '0.0.0.0/8',
    '192.0.0.0/24',
    '192.88.99.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ]),
];

const IPV6_RANGES: readonly Range[] = [
  ...ranges(
    'metadata',
    METADATA.filter((cidr) => cidr.includes(':')),
  ),
  ...ranges('loopback', ['::1/128']),
  ...ranges('reserved', ['::/128']),
  ...ranges('link-local', ['fe80::/10']),
  ...ranges('private', ['fc00::/7', 'fec0::/10', '2001:db8::/32', '3fff::/20', '64:ff9b:1::/48']),
  ...ranges('reserved', ['2001:10::/28', '100::/64', 'ff00::/8']),
  ...ranges('public', ['2000::/3', '64:ff9b::/96']),
];

/** Where an IPv4 address sits inside an IPv6 prefix. */
const CARRIERS: readonly (Range & { readonly offset: number; readonly inverted?: boolean })[] = [
  ...carriers(12, ['::ffff:0:0/96', '::ffff:0:0:0/96', '::/96', '64:ff9b::/96', '64:ff9b:1::/48']),
  ...carriers(2, ['2002::/16']),
  ...carriers(12, ['2001::/32']).map((range) => ({ ...range, inverted: true })),
];

/** The kind of a literal address; undefined when the text is no IP address. */
export function addressKind(text: string): AddressKind | undefined {
  if (isIPv4(text)) return kindOfIPv4(bytesOfIPv4(text));
  const withoutZone = text.replace(/%.*$/s, '');
  return isIPv6(withoutZone) ? kindOfIPv6(bytesOfIPv6(withoutZone)) : undefined;
}

function kindOfIPv4(address: Uint8Array): AddressKind {
  return firstMatch(address, IPV4_RANGES)?.kind ?? 'public';
}

function kindOfIPv6(address: Uint8Array): AddressKind {
  const own = firstMatch(address, IPV6_RANGES)?.kind;
  if (own !== undefined && own !== 'public' && own !== 'private') return own;
  const carried = carriedIPv4(address);
  if (carried === undefined) return own ?? 'reserved';
  const inside = kindOfIPv4(carried);
  return inside === 'public' ? (own ?? 'public') : inside;
}

function carriedIPv4(address: Uint8Array): Uint8Array | undefined {
  const carrier = firstMatch(address, CARRIERS);
  if (carrier !== undefined) {
    const inside = address.slice(carrier.offset, carrier.offset + 4);
    return carrier.inverted === true ? inside.map((byte) => byte ^ 0xff) : inside;
  }
  // ISATAP: an interface identifier of 0000:5efe or 0200:5efe and the IPv4 address, below any prefix.
  const isIsatap =
    ((address[8] ?? 0) & 0xfd) === 0 &&
    address[9] === 0 &&
    address[10] === 0x5e &&
    address[11] === 0xfe;
  return isIsatap ? address.slice(12) : undefined;
}

function firstMatch<R extends Range>(address: Uint8Array, table: readonly R[]): R | undefined {
  return table.find((range) => hasPrefix(address, range));
}

function hasPrefix(address: Uint8Array, { prefix, bits }: Range): boolean {
  for (let index = 0, left = bits; left > 0; index += 1, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if ((((address[index] ?? 0) ^ (prefix[index] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function ranges(kind: AddressKind, cidrs: readonly string[]): Range[] {
  return cidrs.map((cidr) => {
    const [address = '', bits = ''] = cidr.split('/');
    const prefix = isIPv4(address) ? bytesOfIPv4(address) : bytesOfIPv6(address);
    return { prefix, bits: Number(bits), kind };
  });
}

function carriers(offset: number, cidrs: readonly string[]) {
  return ranges('public', cidrs).map((range) => ({ ...range, offset }));
}

function bytesOfIPv4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

/** `text` is a valid IPv6 address without zone. */
function bytesOfIPv6(text: string): Uint8Array {
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (tail !== null) {
    const [, head = '', a, b, c, d] = tail;
    const high = (Number(a) * 256 + Number(b)).toString(16);
    const low = (Number(c) * 256 + Number(d)).toString(16);
    return bytesOfIPv6(`${head}${high}:${low}`);
  }
  const [before = '', after] = text.split('::');
  const head = before === '' ? [] : before.split(':');
  const last = after === undefined || after === '' ? [] : after.split(':');
  const zeros = new Array<string>(8 - head.length - last.length).fill('0');
  const groups = [...head, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}
