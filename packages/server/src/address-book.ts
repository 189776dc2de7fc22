/** Addresses of brokers, channels and sinks that work from where the user is. */
import { sinkPath } from '@afflux/broker';
import type { ControlTls } from './control-tls.ts';

export interface AddressBook {
  readonly eventsUrl: () => string;
  /** Every way to write the address of the event port that means this process. */
  readonly ownOrigins: () => readonly string[];
  readonly brokerUrl: (namespace: string, name: string) => string;
  readonly channelUrl: (namespace: string, name: string) => string;
  readonly sinkUrl: (namespace: string, name: string) => string;
}

/** `address` is asked until there is a real port: 0 becomes one only when the listener is up. */
export function addressBook(
  config: { readonly host: string },
  address: () => { readonly port: number },
): AddressBook {
  let known: string | undefined;
  const eventsUrl = (): string => {
    if (known !== undefined) return known;
    const { port } = address();
    const url = baseUrl(config.host, port);
    // Asked for at every delivery, and the system would be asked for it each time.
    if (port !== 0) known = url;
    return url;
  };
  let origins: readonly string[] = [];
  const ownOrigins = (): readonly string[] => {
    const url = eventsUrl();
    if (origins[0] !== url) origins = [url, ...aliasesOf(url)];
    return origins;
  };
  return {
    eventsUrl,
    ownOrigins,
    brokerUrl: (namespace, name) => `${eventsUrl()}/${namespace}/${name}`,
    channelUrl: (namespace, name) => `${eventsUrl()}/${namespace}/channels/${name}`,
    sinkUrl: (namespace, name) => `${eventsUrl()}${sinkPath(namespace, name)}`,
  };
}

/** What else `localhost` is called. */
function aliasesOf(url: string): string[] {
  const port = url.slice(url.lastIndexOf(':'));
  const isLocal = url.startsWith('http://localhost:');
  return isLocal ? [`http://127.0.0.1${port}`, `http://[::1]${port}`] : [];
}

/** `http://localhost:8080` for loopback and for all interfaces, else the address itself. */
export function baseUrl(host: string, port: number): string {
  return `http://${bracketed(nameOf(host))}:${String(port)}`;
}

/** The same with https, by a name that the certificate has. */
export function secureUrl(tls: Pick<ControlTls, 'hostFor'>, host: string, port: number): string {
  const name = nameOf(host);
  return `https://${bracketed(tls.hostFor(name, host) ?? name)}:${String(port)}`;
}

/** Of a `Host` header; without port and brackets. */
export function hostnameOf(header: string | undefined): string {
  return (header ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function nameOf(host: string): string {
  const isLocal = ['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost', ''].includes(host);
  return isLocal ? 'localhost' : host;
}

function bracketed(name: string): string {
  return name.includes(':') ? `[${name}]` : name;
}
