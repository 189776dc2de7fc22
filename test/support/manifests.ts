/** Manifests of scenarios as text, as a user would write them. */

/** A broker with this `spec` text, or none. */
export function brokerYaml(
  name = 'main',
  spec = '',
  annotations = '',
  namespace = 'default',
): string {
  return `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
${indent(metadataText({ name, namespace, annotations }), 2)}
${block('spec', spec)}
---`;
}

export interface TriggerText {
  readonly name: string;
  /** Shorthand for a subscriber that is nothing but an address. */
  readonly uri?: string;
  readonly broker?: string;
  readonly namespace?: string;
  /** Further lines of `spec`: subscriber, filters, delivery. */
  readonly spec?: string;
  readonly annotations?: string;
}

export function triggerYaml({
  name,
  uri,
  broker = 'main',
  namespace = 'default',
  spec = '',
  annotations = '',
}: TriggerText): string {
  return `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
${indent(metadataText({ name, namespace, annotations }), 2)}
spec:
  broker: ${broker}
${uri === undefined ? '' : `  subscriber:\n    uri: ${uri}`}
${indent(spec, 2)}
---`;
}

export interface ChannelText {
  readonly name: string;
  /** Default `InMemoryChannel`. */
  readonly kind?: 'Channel' | 'InMemoryChannel';
  readonly spec?: string;
  readonly annotations?: string;
}

export function channelYaml({
  name,
  kind = 'InMemoryChannel',
  spec = '',
  annotations = '',
}: ChannelText): string {
  return `
apiVersion: messaging.knative.dev/v1
kind: ${kind}
metadata:
${indent(metadataText({ name, annotations }), 2)}
${block('spec', spec)}
---`;
}

export interface SubscriptionText {
  readonly name: string;
  readonly channel: string;
  /** Kind of the channel; default `InMemoryChannel`. */
  readonly kind?: 'Channel' | 'InMemoryChannel';
  /** Shorthand for a subscriber that is nothing but an address. */
  readonly uri?: string;
  /** Further lines of `spec`: subscriber, reply, delivery. */
  readonly spec?: string;
  readonly annotations?: string;
}

export function subscriptionYaml({
  name,
  channel,
  kind = 'InMemoryChannel',
  uri,
  spec = '',
  annotations = '',
}: SubscriptionText): string {
  return `
apiVersion: messaging.knative.dev/v1
kind: Subscription
metadata:
${indent(metadataText({ name, annotations }), 2)}
spec:
  channel:
    apiVersion: messaging.knative.dev/v1
    kind: ${kind}
    name: ${channel}
${uri === undefined ? '' : `  subscriber:\n    uri: ${uri}`}
${indent(spec, 2)}
---`;
}

/** A Sequence or a Parallel with this `spec` text. */
export function flowYaml(kind: 'Sequence' | 'Parallel', name: string, spec: string): string {
  return `
apiVersion: flows.knative.dev/v1
kind: ${kind}
metadata:
  name: ${name}
  namespace: default
${block('spec', spec)}
---`;
}

/** A config map of the system namespace with one entry that is YAML itself. */
export function configMapYaml(name: string, key: string, text: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: knative-eventing
data:
  ${key}: |
${indent(text, 4)}
---`;
}

/** Feature flags, as `config-features` holds them. */
export function featuresYaml(flags: Readonly<Record<string, string>>): string {
  const lines = Object.entries(flags).map(([flag, value]) => `  ${flag}: ${value}`);
  return `
apiVersion: v1
kind: ConfigMap
metadata:
  name: config-features
  namespace: knative-eventing
data:
${lines.join('\n')}
---`;
}

/** Brokers get no delivery that they do not ask for: without it Knative's ten retries hold. */
export const NO_DEFAULT_DELIVERY = configMapYaml(
  'config-br-defaults',
  'default-br-config',
  `
  clusterDefault:
    brokerClass: MTChannelBasedBroker
    apiVersion: v1
    kind: ConfigMap
    name: config-br-default-channel
    namespace: knative-eventing
  `,
);

function metadataText({
  name,
  namespace = 'default',
  annotations,
}: {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations: string;
}): string {
  return `name: ${name}\nnamespace: ${namespace}\n${block('annotations', annotations)}`;
}

function block(field: string, text: string): string {
  return text.trim() === '' ? '' : `${field}:\n${indent(text, 2)}`;
}

function indent(text: string, by: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const least = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines
    .map((line) => `${' '.repeat(by)}${line.slice(Number.isFinite(least) ? least : 0)}`)
    .join('\n');
}
