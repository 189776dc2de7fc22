/**
 * The config maps that exist before anybody writes one, as a process with an empty store creates them. Their
 * texts say what the constants of src/config say; a test decodes them to prove it.
 */
import { stringify } from 'yaml';
import {
  BROKER_CHANNEL_CONFIG_MAP,
  BROKER_DEFAULTS_CONFIG_MAP,
  BROKER_DEFAULTS_KEY,
  SHIPPED_BROKER_DEFAULTS,
} from './config/broker-defaults.ts';
import {
  BROKER_CHANNEL_KEY,
  CHANNEL_DEFAULTS_CONFIG_MAP,
  CHANNEL_DEFAULTS_KEY,
  SHIPPED_CHANNEL_TEMPLATE,
} from './config/channel-defaults.ts';
import { FEATURES_CONFIG_MAP } from './config/features.ts';
import { KREFERENCE_MAPPING_CONFIG_MAP } from './config/kreference-mapping.ts';
import { SUGAR_CONFIG_MAP } from './config/sugar.ts';
import type { ChannelTemplate } from './duck/channelable.ts';
import type { ConfigMap } from './kinds/core/config-map.ts';

/**
 * New copies of all of them, for a system namespace. `template` is the channel of Brokers and Channels that do
 * not say which; by default the one that Knative ships.
 */
export function shippedConfigMaps(
  systemNamespace: string,
  template: ChannelTemplate = SHIPPED_CHANNEL_TEMPLATE,
): ConfigMap[] {
  const configMap = (name: string, data: Record<string, string>): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: systemNamespace },
    data,
  });
  const brokerDefaults = {
    clusterDefault: { ...SHIPPED_BROKER_DEFAULTS.clusterDefault, namespace: systemNamespace },
  };
  return [
    configMap(BROKER_DEFAULTS_CONFIG_MAP, { [BROKER_DEFAULTS_KEY]: stringify(brokerDefaults) }),
    configMap(BROKER_CHANNEL_CONFIG_MAP, {
      [BROKER_CHANNEL_KEY]: stringify(template),
    }),
    configMap(CHANNEL_DEFAULTS_CONFIG_MAP, {
      [CHANNEL_DEFAULTS_KEY]: stringify({ clusterDefault: template }),
    }),
    configMap(FEATURES_CONFIG_MAP, {}),
    configMap(SUGAR_CONFIG_MAP, {}),
    configMap(KREFERENCE_MAPPING_CONFIG_MAP, {}),
  ];
}
