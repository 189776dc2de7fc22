/** For the tests of this package: an admission context, and short ways to decode and admit a manifest. */
import { parse } from 'yaml';
import { admit } from './admit.ts';
import { builtinKinds } from './builtin-kinds.ts';
import { SHIPPED_BROKER_DEFAULTS } from './config/broker-defaults.ts';
import { SHIPPED_CHANNEL_DEFAULTS } from './config/channel-defaults.ts';
import type { FeatureFlag, Features } from './config/features.ts';
import { SHIPPED_FEATURES } from './config/features.ts';
import { decode } from './decode.ts';
import type { AdmissionContext } from './kind.ts';
import type { ApiObject } from './object.ts';

export const REGISTRY = builtinKinds();

/** The shipped flags with some of them changed. */
export function featuresWith(changes: Partial<Record<FeatureFlag, string>>): Features {
  return { ...SHIPPED_FEATURES, flags: { ...SHIPPED_FEATURES.flags, ...changes } };
}

/** The context of a process that nobody configured. */
export function contextWith(changes: Partial<AdmissionContext> = {}): AdmissionContext {
  return {
    features: SHIPPED_FEATURES,
    brokerDefaults: SHIPPED_BROKER_DEFAULTS,
    channelDefaults: SHIPPED_CHANNEL_DEFAULTS,
    systemNamespace: 'knative-eventing',
    ...changes,
  };
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Broker: 'eventing.knative.dev/v1',
  Trigger: 'eventing.knative.dev/v1',
  EventType: 'eventing.knative.dev/v1beta3',
  Channel: 'messaging.knative.dev/v1',
  InMemoryChannel: 'messaging.knative.dev/v1',
  DurableChannel: 'messaging.afflux.dev/v1alpha1',
  KafkaChannel: 'messaging.knative.dev/v1beta1',
  KafkaSink: 'eventing.knative.dev/v1alpha1',
  RabbitmqBrokerConfig: 'eventing.knative.dev/v1alpha1',
  RabbitmqChannel: 'messaging.afflux.dev/v1alpha1',
  Subscription: 'messaging.knative.dev/v1',
  Sequence: 'flows.knative.dev/v1',
  Parallel: 'flows.knative.dev/v1',
};

/** What a test says about an object beside its kind; `spec` may be anything. */
export interface Manifest {
  readonly apiVersion?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
  readonly [field: string]: unknown;
}

/** A manifest called `mine` in namespace `ns`. */
export function manifest(kind: string, { metadata, ...rest }: Manifest = {}): object {
  return {
    apiVersion: API_VERSIONS[kind] ?? 'v1',
    kind,
    metadata: { name: 'mine', namespace: 'ns', ...metadata },
    ...rest,
  };
}

/** The decoded object; fails the test when there are problems. */
export function decoded(value: unknown): ApiObject {
  const { object, errors } = decode(REGISTRY, value);
  if (object === undefined) throw new Error(errors.toString());
  return object;
}

/** Text of everything wrong with the shape of a value; empty when it is right. */
export function decodeProblems(value: unknown): string {
  return decode(REGISTRY, value).errors.toString();
}

/** The admitted object; fails the test when there are problems. */
export function admitted<T extends ApiObject = ApiObject>(
  value: unknown,
  context = contextWith(),
  old?: T,
): T {
  const { object, errors } = admit(REGISTRY, decoded(value), context, old);
  if (object === undefined) throw new Error(errors.toString());
  return object as T;
}

/** Text of everything admission finds wrong with a value that decodes; empty when it is admitted. */
export function admitProblems(value: unknown, context = contextWith(), old?: ApiObject): string {
  return admit(REGISTRY, decoded(value), context, old).errors.toString();
}

/** A manifest written in YAML. */
export function yaml(text: string): unknown {
  return parse(text) as unknown;
}

/** Self-signed, valid for a hundred years; its key is nowhere. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgzCCASmgAwIBAgIURVYpAryNl35/+wo7e88GoItg434wCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLYWZmbHV4LXRlc3QwIBcNMjYxMTIyMTk1NDUyWhgPMjEyNjEw
MjkxOTU0NTJaMBYxFDASBgNVBAMMC2FmZmx1eC10ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEGQaezYLDFRVyMY27L2yl4LemIwEo41NHutoMIE8hmLUVfNwZ
aqJIb5SjSsKmPYq4HPRC5CgWjSO8hF+bl6uCKaNTMFEwHQYDVR0OBBYEFDLOADsX
evuetO2A5Umccrqat4+5MB8GA1UdIwQYMBaAFDLOADsXevuetO2A5Umccrqat4+5
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAJktz5/8Zze1YhMb
83VfZaARj0uXrVQfeF3owSrCTGSbAiAUB8J/T1epqqN7X8Qodf8dyteesAJUCHPw
Yi/CcXOfZA==
-----END CERTIFICATE-----
`;
