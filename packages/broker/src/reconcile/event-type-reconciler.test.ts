import type { ApiObject, KReference } from '@afflux/resources';
import { describe } from 'vitest';
import { broker, NAMESPACE } from '../testing/objects.ts';
import { brokerTable, conditions, REGISTRY } from '../testing/table.ts';
import { EventTypeReconciler } from './event-type-reconciler.ts';

const KEY = 'default/et';
const STATUS_WRITE = { verb: 'updateStatus', kind: 'EventType', key: KEY } as const;
const BROKER_REF = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'main' };

function eventType(version: string, spec: object): ApiObject {
  return {
    apiVersion: `eventing.knative.dev/${version}`,
    kind: 'EventType',
    metadata: { name: 'et', namespace: NAMESPACE },
    spec,
  };
}

function newest(reference?: KReference): ApiObject {
  const attributes = ['type', 'source', 'specversion', 'id'].map((name) => ({
    name,
    required: true,
  }));
  return eventType('v1beta3', { attributes, ...(reference === undefined ? {} : { reference }) });
}

const EXISTS = {
  conditions: conditions(
    { type: 'ReferenceExists', status: 'True' },
    { type: 'Ready', status: 'True' },
  ),
};

function missing(message: string) {
  return {
    conditions: conditions(
      { type: 'ReferenceExists', status: 'False', reason: 'ResourceDoesNotExist', message },
      { type: 'Ready', status: 'False' },
    ),
  };
}

function table(version: string, rows: Parameters<typeof brokerTable>[2]): void {
  const apiVersion = `eventing.knative.dev/${version}`;
  brokerTable(
    { apiVersion, kind: 'EventType' },
    ({ tracker, lookUp }) =>
      new EventTypeReconciler({ apiVersion, registry: REGISTRY, tracker, lookUp }),
    rows,
  );
}

describe('EventType reconciler', () => {
  table('v1beta3', [
    {
      name: 'an event type without a reference is Ready and says so',
      world: [newest()],
      key: KEY,
      writes: [STATUS_WRITE],
      status: {
        conditions: conditions(
          { type: 'ReferenceExists', status: 'True', reason: 'ReferenceNotSet' },
          { type: 'Ready', status: 'True' },
        ),
      },
      tracked: [],
    },
    {
      name: 'the object that emits the events is found in the same namespace',
      world: [broker(), newest(BROKER_REF)],
      key: KEY,
      writes: [STATUS_WRITE],
      status: EXISTS,
      tracked: ['eventing.knative.dev/v1/Broker default/main'],
    },
    {
      name: 'an object that is not there is named and waited for',
      world: [broker(), newest({ ...BROKER_REF, namespace: 'other' })],
      key: KEY,
      writes: [STATUS_WRITE],
      status: missing('Broker "other/main" does not exist'),
      tracked: ['eventing.knative.dev/v1/Broker other/main'],
    },
    {
      name: 'an object of a kind that is not known here does not exist and is not watched',
      world: [newest({ apiVersion: 'example.com/v1', kind: 'Pigeon', name: 'p' })],
      key: KEY,
      writes: [STATUS_WRITE],
      status: missing('Pigeon "default/p" does not exist'),
      tracked: [],
    },
  ]);

  table('v1beta2', [
    {
      name: 'the deprecated broker field is a reference, too',
      world: [broker(), eventType('v1beta2', { type: 't', broker: 'main' })],
      key: KEY,
      writes: [STATUS_WRITE],
      status: EXISTS,
      tracked: ['eventing.knative.dev/v1/Broker default/main'],
    },
  ]);

  table('v1beta1', [
    {
      name: 'the oldest version is followed as well',
      world: [eventType('v1beta1', { type: 't', reference: BROKER_REF })],
      key: KEY,
      writes: [STATUS_WRITE],
      status: missing('Broker "default/main" does not exist'),
    },
  ]);
});
