/** Addresses of brokers and channels that work from where the user is. */

export interface AddressBook {
  readonly eventsUrl: () => string;
  readonly brokerUrl: (namespace: string, name: string) => string;
  readonly channelUrl: (namespace: string, name: string) => string;
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
  return {
    eventsUrl,
    brokerUrl: (namespace, name) => `${eventsUrl()}/${namespace}/${name}`,
    channelUrl: (namespace, name) => `${eventsUrl()}/${namespace}/channels/${name}`,
  };
}

/** `http://localhost:8080` for loopback and for all interfaces, else the address itself. */
export function baseUrl(host: string, port: number): string {
  const isLocal = ['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost', ''].includes(host);
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${String(port)}`;
}
