/**
 * Which channel a broker stands on: the ConfigMap that `spec.config` names holds a channel template, under
 * `channel-template-spec` or the older `channelTemplateSpec` (contract §2.1, §4.1).
 */
import type { ResourceStore } from '@afflux/control';
import { isNotFound } from '@afflux/control';
import {
  decodeBrokerChannel,
  type Broker,
  type ChannelTemplate,
  type ConfigMap,
} from '@afflux/resources';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

/** A template, or why there is none, in words for a condition. */
export type TemplateResult = { readonly template: ChannelTemplate } | { readonly problem: string };

export async function readChannelTemplate(
  store: ResourceStore,
  broker: Broker,
  options: { readonly signal: AbortSignal },
): Promise<TemplateResult> {
  const { config } = broker.spec;
  if (config === undefined) {
    return { problem: 'spec.config is missing, and config-br-defaults names no default' };
  }
  if (config.kind !== 'ConfigMap') {
    return { problem: `spec.config must reference a v1 ConfigMap, not a ${config.kind}` };
  }
  const namespace = config.namespace ?? broker.metadata.namespace ?? '';
  const shown = `ConfigMap "${namespace}/${config.name}" of spec.config`;
  let map: ConfigMap;
  try {
    map = (await store.get(CONFIG_MAP, { namespace, name: config.name }, options)) as ConfigMap;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { problem: `${shown} was not found` };
  }
  const { value, errors } = decodeBrokerChannel(map);
  return value === undefined ? { problem: `${shown}: ${errors.toString()}` } : { template: value };
}
