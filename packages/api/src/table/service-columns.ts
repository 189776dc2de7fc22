/** Columns of a Service: the addresses it is reached at, by its type. */
import type { ApiObject } from '@afflux/resources';
import { ageOf } from '@afflux/resources/text';
import type { Columns } from './column.ts';
import { ageColumn, nameColumn, textColumn } from './column.ts';
import { listAt, memberAt, membersOf, numberAt, orNone, textAt } from './members.ts';

function clusterIp(service: ApiObject): string {
  const [first] = listAt(service.spec, 'clusterIPs');
  return orNone(typeof first === 'string' ? first : textAt(service.spec, 'clusterIP'));
}

function loadBalancerAddresses(service: ApiObject): string[] {
  const addresses = listAt(service.status, 'loadBalancer', 'ingress')
    .map((ingress) => textAt(ingress, 'ip') || textAt(ingress, 'hostname'))
    .filter((address) => address !== '');
  return [...new Set(addresses)].sort();
}

function externalIp(service: ApiObject): string {
  const external = listAt(service.spec, 'externalIPs').map(String);
  switch (textAt(service.spec, 'type') || 'ClusterIP') {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(external.join(','));
    case 'LoadBalancer':
      return [...loadBalancerAddresses(service), ...external].join(',') || '<pending>';
    case 'ExternalName':
      return textAt(service.spec, 'externalName');
    default:
      return '<unknown>';
  }
}

function portText(port: unknown): string {
  const nodePort = numberAt(port, 'nodePort');
  const outside = nodePort > 0 ? `:${String(nodePort)}` : '';
  return `${String(numberAt(port, 'port'))}${outside}/${textAt(port, 'protocol') || 'TCP'}`;
}

function selectorText(service: ApiObject): string {
  return Object.entries(membersOf(memberAt(service.spec, 'selector')))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(',');
}

export const SERVICE_COLUMNS: Columns = {
  definitions: [
    nameColumn(),
    textColumn('Type', 'How the Service is exposed.'),
    textColumn('Cluster-IP', 'Address inside the cluster.'),
    textColumn('External-IP', 'Addresses, or the name, outside the cluster.'),
    textColumn('Port(s)', 'Port, port on the nodes, and protocol.'),
    ageColumn(),
    textColumn('Selector', 'Labels of the Pods behind the Service.', 1),
  ],
  cells: (service, nowMs) => [
    service.metadata.name,
    textAt(service.spec, 'type') || 'ClusterIP',
    clusterIp(service),
    externalIp(service),
    orNone(listAt(service.spec, 'ports').map(portText).join(',')),
    ageOf(service.metadata.creationTimestamp, nowMs),
    orNone(selectorText(service)),
  ],
};
