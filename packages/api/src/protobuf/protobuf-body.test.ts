import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX, parseBody, parseJson } from '../body.ts';
import { ApiError } from '../errors.ts';
import { envelope, spanField, varintField } from '../testing/protobuf-encoder.ts';
import { protobufVectors, sortedJson } from '../testing/protobuf-vectors.ts';
import { readProtobuf } from './protobuf-body.ts';

const VECTORS = protobufVectors();

const MAGIC = Buffer.from('k8s\0');

const read = (body: Buffer): unknown => readProtobuf(body, { parseJson });

function refusal(body: Buffer): ApiError {
  try {
    read(body);
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
  }
  throw new Error('nothing was refused');
}

describe('what clients sent', () => {
  for (const { from, body, json } of VECTORS) {
    it(`is read as its JSON: ${from}`, async () => {
      const value = await parseBody(body, 'application/vnd.kubernetes.protobuf');
      expect(sortedJson(value)).toBe(sortedJson(json));
    });
  }
});

describe('the envelope', () => {
  it('begins with the magic bytes', () => {
    for (const body of ['', 'k8s', 'K8s\0', '{}']) {
      const error = refusal(Buffer.from(body));
      expect(error.reason).toBe('BadRequest');
      expect(error.message).toContain('does not begin as a protobuf message of Kubernetes');
    }
  });

  it('names a kind and an API version', () => {
    expect(refusal(MAGIC)).toMatchObject({ reason: 'BadRequest' });
    expect(refusal(MAGIC).message).toBe("Unknown.typeMeta: Object 'Kind' is missing");
    expect(refusal(envelope('v1', '', Buffer.alloc(0))).message).toContain("'Kind' is missing");
    expect(refusal(envelope('', 'Event', Buffer.alloc(0))).message).toContain(
      "'apiVersion' is missing",
    );
  });

  it('may hold an empty message', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(read(envelope('v1', 'ConfigMap', Buffer.alloc(0)))).toEqual(object);
  });

  it('may not hold what is encoded once more or is of another type', () => {
    const plain = envelope('v1', 'ConfigMap', Buffer.alloc(0));
    for (const part of [spanField(3, 'gzip'), spanField(4, 'application/json')]) {
      expect(refusal(Buffer.concat([plain, part]))).toMatchObject({
        reason: 'UnsupportedMediaType',
        status: 415,
      });
    }
  });

  it('may say that it holds protobuf', () => {
    const plain = envelope('v1', 'ConfigMap', Buffer.alloc(0));
    const type = spanField(4, 'application/vnd.kubernetes.protobuf');
    expect(read(Buffer.concat([plain, spanField(3, ''), type]))).toMatchObject({
      kind: 'ConfigMap',
    });
  });

  it('cut off anywhere is refused or holds less, and never harms', () => {
    for (const { body } of VECTORS) {
      for (let length = 0; length < body.length; length += 1)
        expectHarmless(body.subarray(0, length));
    }
  });
});

describe('kinds', () => {
  it('that cannot be sent so are refused with those that can', () => {
    const { reason, status, message } = refusal(envelope('v1', 'Pod', Buffer.alloc(0)));
    expect({ reason, status }).toEqual({ reason: 'UnsupportedMediaType', status: 415 });
    expect(message).toContain('v1/Pod is not taken as application/vnd.kubernetes.protobuf');
    for (const kind of ['v1/ConfigMap', 'coordination.k8s.io/v1/Lease', 'DeleteOptions']) {
      expect(message).toContain(kind);
    }
  });

  it('of any length make a short refusal', () => {
    const { message } = refusal(envelope('v1', 'x'.repeat(100_000), Buffer.alloc(0)));
    expect(message.length).toBeLessThan(1000);
  });

  it('are known by version: another one has other messages', () => {
    expect(refusal(envelope('v2', 'ConfigMap', Buffer.alloc(0)))).toMatchObject({ status: 415 });
  });

  it('of options may be of any group', () => {
    const options = envelope('apps/v1', 'DeleteOptions', spanField(4, 'Foreground'));
    expect(read(options)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Foreground',
    });
  });
});

function expectHarmless(body: Buffer): void {
  try {
    read(body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.status === 400 || error.status === 415).toBe(true);
  }
}

describe('hostile bytes', () => {
  it('at random are refused or read', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    const property = fc.property(bytes, fc.constantFrom(...VECTORS), (raw, { json }) => {
      expectHarmless(raw);
      expectHarmless(Buffer.concat([MAGIC, raw]));
      expectHarmless(envelope(json.apiVersion, json.kind, raw));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('within what clients sent are refused or read', () => {
    const change = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    const property = fc.property(fc.constantFrom(...VECTORS), changes, ({ body }, list) => {
      let changed = body;
      for (const { at, remove, insert } of list) {
        const place = at % (changed.length + 1);
        changed = Buffer.concat([
          changed.subarray(0, place),
          insert,
          changed.subarray(place + remove),
        ]);
      }
      expectHarmless(changed);
    });
    fc.assert(property, { numRuns: 5000 });
  });

  // The largest body of each sort takes well below a second; the bound is for machines that are busy.
  it.each([
    ['empty labels', spanField(1, spanField(11, ''))],
    ['parts that come again and again', spanField(1, '')],
    ['empty lists in lists', spanField(1, spanField(17, spanField(7, '')))],
    ['fields that are unknown', varintField(99, 1)],
    ['the longest numbers', varintField(99, 2n ** 64n - 1n)],
    ['keys that are alike', spanField(2, spanField(1, 'a'))],
  ])('of the largest body are done soon: %s', (_what, part) => {
    const times = Math.floor((BODY_BYTES_MAX - 100) / part.length);
    const body = envelope('v1', 'ConfigMap', Buffer.alloc(times * part.length, part));
    const start = performance.now();
    expectHarmless(body);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
