/** Columns of the kinds that belong to Kubernetes itself; kube-apiserver makes these by hand, too. */
import { ageOf } from '@afflux/resources/text';
import type { Columns } from './column.ts';
import { ageColumn, nameColumn, textColumn } from './column.ts';
import { EVENT_COLUMNS } from './event-columns.ts';
import { listAt, sizeAt, textAt } from './members.ts';
import { POD_COLUMNS } from './pod-columns.ts';
import { SERVICE_COLUMNS } from './service-columns.ts';

const CONFIG_MAP_COLUMNS: Columns = {
  definitions: [nameColumn(), textColumn('Data', 'How many entries it has.'), ageColumn()],
  cells: (object, nowMs) => [
    object.metadata.name,
    sizeAt(object, 'data') + sizeAt(object, 'binaryData'),
    ageOf(object.metadata.creationTimestamp, nowMs),
  ],
};

const SECRET_COLUMNS: Columns = {
  definitions: [
    nameColumn(),
    textColumn('Type', 'What the Secret is for.'),
    textColumn('Data', 'How many entries it has.'),
    ageColumn(),
  ],
  cells: (object, nowMs) => [
    object.metadata.name,
    textAt(object, 'type') || 'Opaque',
    sizeAt(object, 'data'),
    ageOf(object.metadata.creationTimestamp, nowMs),
  ],
};

const SERVICE_ACCOUNT_COLUMNS: Columns = {
  definitions: [
    nameColumn(),
    textColumn('Secrets', 'How many Secrets its Pods may use.'),
    ageColumn(),
  ],
  cells: (object, nowMs) => [
    object.metadata.name,
    listAt(object, 'secrets').length,
    ageOf(object.metadata.creationTimestamp, nowMs),
  ],
};

const NAMESPACE_COLUMNS: Columns = {
  definitions: [nameColumn(), textColumn('Status', 'Active or Terminating.'), ageColumn()],
  cells: (object, nowMs) => [
    object.metadata.name,
    textAt(object.status, 'phase') ||
      (object.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating'),
    ageOf(object.metadata.creationTimestamp, nowMs),
  ],
};

const LEASE_COLUMNS: Columns = {
  definitions: [nameColumn(), textColumn('Holder', 'Who holds the lease.'), ageColumn()],
  cells: (object, nowMs) => [
    object.metadata.name,
    textAt(object.spec, 'holderIdentity'),
    ageOf(object.metadata.creationTimestamp, nowMs),
  ],
};

const CUSTOM_RESOURCE_DEFINITION_COLUMNS: Columns = {
  definitions: [
    nameColumn(),
    { ...textColumn('Created At', 'When the kind was defined.'), type: 'date' },
  ],
  cells: (object) => [object.metadata.name, object.metadata.creationTimestamp ?? ''],
};

/** The columns of a kind of Kubernetes; undefined for any other. */
export function coreColumns(apiVersion: string, kind: string): Columns | undefined {
  switch (`${apiVersion}/${kind}`) {
    case 'v1/ConfigMap':
      return CONFIG_MAP_COLUMNS;
    case 'v1/Event':
    case 'events.k8s.io/v1/Event':
      return EVENT_COLUMNS;
    case 'v1/Namespace':
      return NAMESPACE_COLUMNS;
    case 'v1/Pod':
      return POD_COLUMNS;
    case 'v1/Secret':
      return SECRET_COLUMNS;
    case 'v1/Service':
      return SERVICE_COLUMNS;
    case 'v1/ServiceAccount':
      return SERVICE_ACCOUNT_COLUMNS;
    case 'coordination.k8s.io/v1/Lease':
      return LEASE_COLUMNS;
    case 'apiextensions.k8s.io/v1/CustomResourceDefinition':
      return CUSTOM_RESOURCE_DEFINITION_COLUMNS;
    default:
      return undefined;
  }
}
