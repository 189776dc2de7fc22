/**
 * Defaults of Brokers: the ConfigMap `config-br-defaults`, key `default-br-config`. An entry says for the
 * cluster or a namespace which class a Broker has that names none, and for each class which configuration and
 * which delivery options it gets.
 *
 * Different from Knative, delivery defaults cover every field of `delivery`, and a Broker with a configuration
 * of its own gets the delivery defaults of its class (Knative looks them up under the kind of the
 * configuration, which is never a class).
 */
import { z } from 'zod';
import { MT_BROKER_CLASS } from '../annotations.ts';
import type { DeliverySpec } from '../duck/delivery.ts';
import { deliverySchema, validateDelivery } from '../duck/delivery.ts';
import type { KReference } from '../duck/reference.ts';
import { FieldErrors } from '../field-errors.ts';
import type { ConfigMapData, Decoded } from './decoded.ts';
import { SHIPPED_FEATURES } from './features.ts';
import { dataPath, entryText, missingEntry, readYamlEntry } from './yaml-entry.ts';

/** Name of the ConfigMap. */
export const BROKER_DEFAULTS_CONFIG_MAP = 'config-br-defaults';

/** Its key. */
export const BROKER_DEFAULTS_KEY = 'default-br-config';

/** Name of the ConfigMap that shipped Brokers are configured by. */
export const BROKER_CHANNEL_CONFIG_MAP = 'config-br-default-channel';

/** Namespace of config maps unless the process is told otherwise. */
export const DEFAULT_SYSTEM_NAMESPACE = 'knative-eventing';

const configShape = {
  apiVersion: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  name: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  group: z.string().exactOptional(),
  address: z.string().exactOptional(),
  delivery: deliverySchema.exactOptional(),
};

const brokerConfigSchema = z.strictObject(configShape);

/** Configuration and delivery options that one class gets. */
export type BrokerConfig = z.infer<typeof brokerConfigSchema>;

const scopeSchema = z.strictObject({
  brokerClass: z.string().exactOptional(),
  ...configShape,
  brokerClasses: z.record(z.string(), brokerConfigSchema).exactOptional(),
  disallowDifferentNamespaceConfig: z.boolean().exactOptional(),
});

type ScopeDefaults = z.infer<typeof scopeSchema>;

const brokerDefaultsSchema = z.strictObject({
  clusterDefault: scopeSchema.exactOptional(),
  namespaceDefaults: z.record(z.string(), scopeSchema).exactOptional(),
});

/** config-br-defaults, decoded. */
export type BrokerDefaults = Readonly<z.infer<typeof brokerDefaultsSchema>>;

/** Delivery options that Knative ships for Brokers. */
const SHIPPED_BROKER_DELIVERY: DeliverySpec = {
  retry: 10,
  backoffPolicy: 'exponential',
  backoffDelay: 'PT0.2S',
};

/** What Knative ships. */
export const SHIPPED_BROKER_DEFAULTS: BrokerDefaults = {
  clusterDefault: {
    brokerClass: MT_BROKER_CLASS,
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: BROKER_CHANNEL_CONFIG_MAP,
    namespace: DEFAULT_SYSTEM_NAMESPACE,
    delivery: SHIPPED_BROKER_DELIVERY,
  },
};

/** Flags do not matter for what may be written here: a default whose flag is off is left out when it is used. */
const EVERY_FEATURE = {
  ...SHIPPED_FEATURES,
  flags: {
    ...SHIPPED_FEATURES.flags,
    'delivery-timeout': 'Enabled',
    'delivery-retryafter': 'Enabled',
    'kreference-group': 'Enabled',
  },
};

function checkScope(scope: ScopeDefaults, path: string, errors: FieldErrors): void {
  const rules = { features: EVERY_FEATURE };
  errors.merge(validateDelivery(scope.delivery, rules), `${path}.delivery`);
  for (const [name, entry] of Object.entries(scope.brokerClasses ?? {})) {
    errors.merge(
      validateDelivery(entry.delivery, rules),
      `${path}.brokerClasses[${name}].delivery`,
    );
  }
}

/** Decodes config-br-defaults. */
export function decodeBrokerDefaults(configMap: ConfigMapData): Decoded<BrokerDefaults> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const key = BROKER_DEFAULTS_KEY;
  const text = entryText(configMap, key);
  if (text === undefined) {
    missingEntry(key, errors);
    return { errors, warnings };
  }
  const value = readYamlEntry({ key, text, schema: brokerDefaultsSchema }, errors);
  if (value === undefined) return { errors, warnings };
  const { clusterDefault, namespaceDefaults = {} } = value;
  if (clusterDefault !== undefined)
    checkScope(clusterDefault, `${dataPath(key)}.clusterDefault`, errors);
  for (const [name, scope] of Object.entries(namespaceDefaults)) {
    checkScope(scope, `${dataPath(key)}.namespaceDefaults[${name}]`, errors);
  }
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The part of an entry that stands beside `brokerClass`; undefined when there is none. */
function inlineConfig(scope: ScopeDefaults | undefined): BrokerConfig | undefined {
  if (scope === undefined) return undefined;
  const {
    brokerClass: _class,
    brokerClasses: _classes,
    disallowDifferentNamespaceConfig: _flag,
    ...config
  } = scope;
  return Object.keys(config).length === 0 ? undefined : config;
}

/** The class of a Broker of that namespace that names none. */
export function defaultBrokerClass(
  defaults: BrokerDefaults,
  namespace: string,
): string | undefined {
  const candidates = [own(defaults.namespaceDefaults, namespace), defaults.clusterDefault];
  return candidates.map((scope) => scope?.brokerClass ?? '').find((name) => name !== '');
}

/** Configuration and delivery options of a Broker; without a class, those of the namespace's default class. */
export function defaultBrokerConfig(
  defaults: BrokerDefaults,
  namespace: string,
  brokerClass: string | undefined,
): BrokerConfig | undefined {
  const scope = own(defaults.namespaceDefaults, namespace);
  const cluster = defaults.clusterDefault;
  const wanted = brokerClass ?? scope?.brokerClass ?? '';
  if (wanted === '') {
    return inlineConfig(cluster) ?? own(cluster?.brokerClasses, cluster?.brokerClass ?? '');
  }
  return (
    own(scope?.brokerClasses, wanted) ??
    (scope?.brokerClass === wanted ? inlineConfig(scope) : undefined) ??
    own(cluster?.brokerClasses, wanted) ??
    inlineConfig(cluster)
  );
}

/** The reference in an entry; undefined when it has only delivery options. */
export function configReference(config: BrokerConfig): KReference | undefined {
  const { kind, name, delivery: _delivery, ...rest } = config;
  return kind === undefined || name === undefined ? undefined : { kind, name, ...rest };
}

/** Whether a Broker of that namespace must keep its configuration there. */
export function mustConfigureInNamespace(defaults: BrokerDefaults, namespace: string): boolean {
  const scopes = [own(defaults.namespaceDefaults, namespace), defaults.clusterDefault];
  return scopes.some((scope) => scope?.disallowDifferentNamespaceConfig === true);
}
