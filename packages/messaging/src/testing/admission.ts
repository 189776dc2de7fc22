/** Admission as a local process has it: decoding left out, defaults and rules of every built-in kind. */
import { type Admission, StoreError } from '@afflux/control';
import {
  admit,
  type AdmissionContext,
  builtinKinds,
  type FeatureFlag,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
} from '@afflux/resources';

export const REGISTRY = builtinKinds();

/** The configuration of a process that nobody configured, with some flags changed. */
export function admissionContext(
  flags: Partial<Record<FeatureFlag, string>> = {},
): AdmissionContext {
  return {
    features: { ...SHIPPED_FEATURES, flags: { ...SHIPPED_FEATURES.flags, ...flags } },
    brokerDefaults: SHIPPED_BROKER_DEFAULTS,
    channelDefaults: SHIPPED_CHANNEL_DEFAULTS,
    systemNamespace: 'knative-eventing',
    mayUse: () => true,
  };
}

export function admissionWith(context: () => AdmissionContext): Admission {
  return (object, old, { fieldManager }) => {
    const user = fieldManager === undefined ? {} : { user: fieldManager };
    const decision = admit(REGISTRY, object, { ...context(), ...user }, old);
    if (decision.object !== undefined) return decision.object;
    throw new StoreError('AFFLUX_STORE_INVALID', decision.errors.toString());
  };
}
