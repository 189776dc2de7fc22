/** Manifests of the measurements. */

export const BROKER_NAME = 'bench';

export function broker(): object {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name: BROKER_NAME, namespace: 'default' },
    spec: { delivery: { retry: 0 } },
  };
}

export function trigger(name: string, type: string, url: string): object {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name, namespace: 'default' },
    spec: { broker: BROKER_NAME, filters: [{ exact: { type } }], subscriber: { uri: url } },
  };
}

/** `matching` triggers for the type that is sent, and others that never match. */
export function triggers(options: {
  readonly matching: number;
  readonly others: number;
  readonly type: string;
  readonly url: string;
}): object[] {
  const { matching, others, type, url } = options;
  return [
    ...Array.from({ length: matching }, (_, index) => trigger(`match-${String(index)}`, type, url)),
    ...Array.from({ length: others }, (_, index) =>
      trigger(`other-${String(index)}`, `other.type.${String(index)}`, url),
    ),
  ];
}
