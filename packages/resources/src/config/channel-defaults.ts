/**
 * Which channel kind backs a Channel, Sequence or Parallel that names none (ConfigMap `default-ch-webhook`,
 * key `default-ch-config`), and which one backs a Broker (the ConfigMap that `spec.config` of the Broker
 * points to).
 */
import { z } from 'zod';
import type { ChannelTemplate } from '../duck/channelable.ts';
import { channelTemplateSchema } from '../duck/channelable.ts';
import { FieldErrors } from '../field-errors.ts';
import type { ConfigMapData, Decoded } from './decoded.ts';
import { entryText, missingEntry, readYamlEntry } from './yaml-entry.ts';

/** Name of the ConfigMap. */
export const CHANNEL_DEFAULTS_CONFIG_MAP = 'default-ch-webhook';

/** Its key. */
export const CHANNEL_DEFAULTS_KEY = 'default-ch-config';

/** Key of a Broker's ConfigMap; the second is what old installations have. */
export const BROKER_CHANNEL_KEY = 'channel-template-spec';
const BROKER_CHANNEL_KEY_LEGACY = 'channelTemplateSpec';

const channelDefaultsSchema = z.strictObject({
  clusterDefault: channelTemplateSchema.exactOptional(),
  namespaceDefaults: z.record(z.string(), channelTemplateSchema).exactOptional(),
});

/** default-ch-webhook, decoded. */
export type ChannelDefaults = Readonly<z.infer<typeof channelDefaultsSchema>>;

/** The channel that Knative ships as default everywhere. */
export const SHIPPED_CHANNEL_TEMPLATE: ChannelTemplate = {
  apiVersion: 'messaging.knative.dev/v1',
  kind: 'InMemoryChannel',
};

/** What Knative ships (without the entry for its example namespace). */
export const SHIPPED_CHANNEL_DEFAULTS: ChannelDefaults = {
  clusterDefault: SHIPPED_CHANNEL_TEMPLATE,
};

function decodeEntry<T>(
  configMap: ConfigMapData,
  keys: readonly string[],
  schema: z.ZodType<T>,
): Decoded<T> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const key = keys.find((candidate) => entryText(configMap, candidate) !== undefined);
  const text = key === undefined ? undefined : entryText(configMap, key);
  if (key === undefined || text === undefined) {
    missingEntry(keys[0] ?? '', errors);
    return { errors, warnings };
  }
  const value = readYamlEntry({ key, text, schema }, errors);
  return value === undefined ? { errors, warnings } : { value, errors, warnings };
}

/** Decodes default-ch-webhook. */
export function decodeChannelDefaults(configMap: ConfigMapData): Decoded<ChannelDefaults> {
  return decodeEntry(configMap, [CHANNEL_DEFAULTS_KEY], channelDefaultsSchema);
}

/** Decodes the ConfigMap of a Broker of class MTChannelBasedBroker. */
export function decodeBrokerChannel(configMap: ConfigMapData): Decoded<ChannelTemplate> {
  return decodeEntry(
    configMap,
    [BROKER_CHANNEL_KEY, BROKER_CHANNEL_KEY_LEGACY],
    channelTemplateSchema,
  );
}

/** A copy of the template for a namespace; that of the namespace wins. */
export function defaultChannelTemplate(
  defaults: ChannelDefaults,
  namespace: string,
): ChannelTemplate | undefined {
  const { namespaceDefaults = {}, clusterDefault } = defaults;
  const template = Object.hasOwn(namespaceDefaults, namespace)
    ? namespaceDefaults[namespace]
    : clusterDefault;
  return structuredClone(template);
}
