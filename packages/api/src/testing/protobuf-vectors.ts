/**
 * Bodies in protobuf with the JSON of the same objects: what kubectl 1.33 sent to a kube-apiserver, beside its
 * `--dry-run=client -o json`; and what the generated code of `k8s.io/api` 0.33 makes of filled structs, beside their
 * `encoding/json`. The status of reviews is left out: servers write it.
 */
import { readFileSync } from 'node:fs';

export interface ProtobufVector {
  /** The command, or which struct. */
  readonly from: string;
  readonly body: Buffer;
  readonly json: { readonly apiVersion: string; readonly kind: string };
}

export function protobufVectors(): readonly ProtobufVector[] {
  const text = readFileSync(new URL('vectors/protobuf.jsonl', import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { body, ...rest } = JSON.parse(line) as Omit<ProtobufVector, 'body'> & { body: string };
      return { ...rest, body: Buffer.from(body, 'base64') };
    });
}

/** JSON with keys in order, so that two texts are equal when their objects are, also in keys like `__proto__`. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner);
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
