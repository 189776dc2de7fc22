/**
 * Feature flags: the ConfigMap `config-features`, with Knative's names, values and defaults.
 *
 * Values ignore letter case; keys that begin with `_` are examples. A flag nobody knows is kept and reported
 * as a warning, as Knative does. Different from Knative, a known flag with a value it does not have is an
 * error: read as "off", a typo in `authentication-oidc` would open what was meant to be closed.
 */
import { FieldErrors } from '../field-errors.ts';
import { nearestName } from '../nearest-name.ts';
import { alternatives } from '../schema/describe.ts';
import { parseIsoDuration } from '@afflux/kernel';
import type { ConfigMapData, Decoded } from './decoded.ts';

/** Name of the ConfigMap. */
export const FEATURES_CONFIG_MAP = 'config-features';

const SWITCH = ['Enabled', 'Disabled', 'Allowed'] as const;
const ENCRYPTION = ['Disabled', 'Permissive', 'Strict'] as const;
const AUTHORIZATION = ['Allow-All', 'Deny-All', 'Allow-Same-Namespace'] as const;

/** Values of each flag, empty when the text is free; and the default (knative/eventing pkg/apis/feature). */
const FLAGS = {
  'kreference-group': { values: SWITCH, initial: 'Disabled' },
  'delivery-retryafter': { values: SWITCH, initial: 'Disabled' },
  'delivery-timeout': { values: SWITCH, initial: 'Enabled' },
  'kreference-mapping': { values: SWITCH, initial: 'Disabled' },
  'transport-encryption': { values: ENCRYPTION, initial: 'Disabled' },
  'eventtype-auto-create': { values: SWITCH, initial: 'Disabled' },
  'authentication-oidc': { values: SWITCH, initial: 'Disabled' },
  'default-authorization-mode': { values: AUTHORIZATION, initial: 'Allow-Same-Namespace' },
  'oidc-discovery-base-url': { values: [], initial: 'https://kubernetes.default.svc' },
  'cross-namespace-event-links': { values: SWITCH, initial: 'Disabled' },
  'new-apiserversource-filters': { values: SWITCH, initial: 'Disabled' },
  'requestreply-default-timeout': { values: [], initial: 'PT30S' },
} as const;

const NODE_SELECTOR_PREFIX = 'apiserversources-nodeselector-';

/** Name of a flag we know. */
export type FeatureFlag = keyof typeof FLAGS;

const FLAG_NAMES = Object.keys(FLAGS) as FeatureFlag[];

/** config-features, decoded. Immutable. */
export interface Features {
  /** Every known flag, spelled as in the documentation (`Enabled`, not `enabled`). */
  readonly flags: Readonly<Record<FeatureFlag, string>>;
  /** Labels that nodes of ApiServerSource adapters must have. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Flags that are not ours, verbatim. */
  readonly others: Readonly<Record<string, string>>;
}

function initialFlags(): Record<FeatureFlag, string> {
  return Object.fromEntries(FLAG_NAMES.map((name) => [name, FLAGS[name].initial])) as Record<
    FeatureFlag,
    string
  >;
}

/** The defaults, as if the ConfigMap were empty. */
export const SHIPPED_FEATURES: Features = { flags: initialFlags(), nodeSelector: {}, others: {} };

/** Whether a flag is on. `Allowed` is not on: it only permits. */
export function isEnabled(features: Features, flag: FeatureFlag): boolean {
  return features.flags[flag] === 'Enabled';
}

function isFeatureFlag(name: string): name is FeatureFlag {
  return Object.hasOwn(FLAGS, name);
}

/** The value as documented; undefined after reporting what is wrong with it. */
function readFlag(name: FeatureFlag, text: string, errors: FieldErrors): string | undefined {
  const path = `data[${name}]`;
  const values: readonly string[] = FLAGS[name].values;
  if (values.length > 0) {
    const value = values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (value === undefined) errors.invalidValue(text, path, `expected ${alternatives(values)}`);
    return value;
  }
  if (name === 'requestreply-default-timeout') {
    try {
      if (parseIsoDuration(text) > 0) return text;
    } catch {
      // Reported below, together with durations that are no timeout.
    }
    errors.invalidValue(text, path, 'expected an ISO 8601 duration above zero, such as PT30S');
    return undefined;
  }
  if (URL.canParse(text)) return text;
  errors.invalidValue(text, path, 'expected a URL');
  return undefined;
}

function warnUnknown(key: string, warnings: FieldErrors): void {
  const near = nearestName(key, FLAG_NAMES);
  const hint = near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`;
  warnings.add(`unknown feature flag ${JSON.stringify(key)}${hint}`, `data[${key}]`);
}

/** Decodes config-features. */
export function decodeFeatures(configMap: ConfigMapData): Decoded<Features> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const flags = initialFlags();
  const nodeSelector: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const [rawKey, rawText] of Object.entries(configMap.data ?? {})) {
    const key = rawKey.trim();
    const text = rawText.trim();
    if (key.startsWith('_')) continue;
    if (isFeatureFlag(key)) flags[key] = readFlag(key, text, errors) ?? flags[key];
    else if (key.startsWith(NODE_SELECTOR_PREFIX)) {
      nodeSelector[key.slice(NODE_SELECTOR_PREFIX.length)] = text;
    } else {
      others[key] = text;
      warnUnknown(key, warnings);
    }
  }
  return errors.isEmpty
    ? { value: { flags, nodeSelector, others }, errors, warnings }
    : { errors, warnings };
}
