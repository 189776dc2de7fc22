/** The part of a Broker's status that all classes fill in the same way: dead letter sink and address. */
import { observerOf, type AddressResolver, type ReconcileContext } from '@afflux/control';
import type { Broker, BrokerStatus, Marks } from '@afflux/resources';
import { BROKER } from '../model/kinds.ts';
import { resolveDeadLetterSink } from './dead-letter-sink.ts';

export type BrokerUrl = (namespace: string, name: string) => string;

/** True when the broker has no dead letter sink, or one with a known address. */
export function resolveBrokerSink(
  resolver: AddressResolver,
  broker: Broker,
  {
    status,
    marks,
    context,
    condition,
  }: {
    readonly status: BrokerStatus;
    readonly marks: Marks;
    readonly context: ReconcileContext;
    readonly condition?: string;
  },
): Promise<boolean> {
  const { namespace = '', name } = broker.metadata;
  return resolveDeadLetterSink(
    resolver,
    {
      sink: broker.spec.delivery?.deadLetterSink,
      inherited: {},
      namespace,
      observer: observerOf(BROKER, { namespace, name }),
      signal: context.signal,
      ...(condition === undefined ? {} : { condition }),
    },
    status,
    marks,
  );
}

/** Gives the broker its address, or says why it has none. One that it had before it keeps. */
export function setBrokerAddress(
  broker: Broker,
  {
    status,
    marks,
    hasSink,
    brokerUrl,
  }: {
    readonly status: BrokerStatus;
    readonly marks: Marks;
    readonly hasSink: boolean;
    readonly brokerUrl: BrokerUrl;
  },
): void {
  const { namespace = '', name } = broker.metadata;
  if (hasSink) {
    status.address = { name: 'http', url: brokerUrl(namespace, name) };
    marks.true('Addressable');
  } else if (status.address === undefined) {
    marks.false('Addressable', 'nil URL', 'the dead letter sink is not resolved');
  }
}
