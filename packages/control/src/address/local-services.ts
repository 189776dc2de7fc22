/**
 * Services on a laptop: an ExternalName says where it is; any other is where the user's mapping says
 * (`services:` of the project file), which needs no Service object at all.
 */
import type { Service } from '@afflux/resources';
import { formatKey } from '../store/keys.ts';
import type { ServiceResolver } from './service-resolver.ts';

const DEFAULT_PORTS: ReadonlySet<number | undefined> = new Set([undefined, 80, 443]);

function externalUrl(service: Service, tls: boolean): string | undefined {
  const { type, externalName, ports } = service.spec;
  if (type !== 'ExternalName' || externalName === undefined) return undefined;
  const port = ports?.[0]?.port;
  const scheme = tls || port === 443 ? 'https' : 'http';
  return `${scheme}://${externalName}${DEFAULT_PORTS.has(port) ? '' : `:${String(port)}`}`;
}

/** The mapping goes from `<namespace>/<name>` to a URL, which is used as it is. */
export function localServices(mapping: ReadonlyMap<string, string>): ServiceResolver {
  return (key, { tls, service }) => {
    const external =
      service === undefined ? undefined : externalUrl(service as unknown as Service, tls);
    return external ?? mapping.get(formatKey(key));
  };
}
