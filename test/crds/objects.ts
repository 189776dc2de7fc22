/** Samples as whole objects, and what decoding and admission say to them. */
import {
  admit,
  builtinKinds,
  decode,
  SHIPPED_BROKER_DEFAULTS,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_FEATURES,
  type ApiObject,
} from '@afflux/resources';
import type { Sample } from './samples.ts';
import type { ChangeSample } from './changes.ts';

const KINDS = builtinKinds();

const CONTEXT = {
  features: SHIPPED_FEATURES,
  brokerDefaults: SHIPPED_BROKER_DEFAULTS,
  channelDefaults: SHIPPED_CHANNEL_DEFAULTS,
  systemNamespace: 'knative-eventing',
};

/** The version in which objects of a kind are stored. */
function storedVersion(kind: string): string {
  const found = KINDS.byKind(kind).find(({ crd }) => crd?.isStorage === true);
  if (found === undefined) throw new Error(`no CRD for ${kind}`);
  return found.apiVersion;
}

/** Where an object is, and what it is called there. */
export interface Place {
  readonly name: string;
  readonly namespace: string;
}

/** The object of a sample. */
export function objectOf(sample: Sample, place: Place): Record<string, unknown> {
  const { kind, apiVersion, spec, annotations, more } = sample;
  return {
    apiVersion: apiVersion ?? storedVersion(kind),
    kind,
    metadata: { ...place, ...(annotations === undefined ? {} : { annotations }) },
    ...(spec === undefined ? {} : { spec }),
    ...more,
  };
}

/** The objects of a change. */
export function objectsOf(
  { before, after, ...sample }: ChangeSample,
  place: Place,
): { before: Record<string, unknown>; after: Record<string, unknown> } {
  return {
    before: objectOf({ ...sample, spec: before }, place),
    after: objectOf({ ...sample, spec: after }, place),
  };
}

/** The admitted object, or what is wrong with it. */
export function judge(
  value: unknown,
  old?: ApiObject,
): { readonly object?: ApiObject; readonly problems: string } {
  const decoded = decode(KINDS, value);
  if (decoded.object === undefined) return { problems: decoded.errors.toString() };
  const { object, errors } = admit(KINDS, decoded.object, CONTEXT, old);
  return { ...(object === undefined ? {} : { object }), problems: errors.toString() };
}
