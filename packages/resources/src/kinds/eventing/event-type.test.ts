import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, decodeProblems, manifest } from '../../testing.ts';
import type { EventType, OlderEventType } from './event-type-schema.ts';
import { toEventType } from './event-type-versions.ts';

const ATTRIBUTES = ['type', 'source', 'specversion', 'id'].map((name) => ({
  name,
  required: true,
}));
const OLDER = ['eventing.knative.dev/v1beta1', 'eventing.knative.dev/v1beta2'];

describe('v1beta3', () => {
  test.each([
    [{ attributes: ATTRIBUTES }, ''],
    [
      { attributes: ATTRIBUTES.slice(1, 3) },
      'missing field(s): spec.attributes.id, spec.attributes.type',
    ],
    [
      { attributes: [] },
      'missing field(s): spec.attributes.id, spec.attributes.source, spec.attributes.specversion, spec.attributes.type',
    ],
    [
      { attributes: [...ATTRIBUTES, { name: 'My-Ext' }] },
      'invalid key name "My-Ext": spec.attributes[4].name\nexpected lower-case letters and digits',
    ],
    [
      { attributes: ATTRIBUTES, reference: { kind: 'Broker', name: '' } },
      'missing field(s): spec.reference.apiVersion, spec.reference.name',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(manifest('EventType', { spec }))).toBe(problems);
  });

  test('the reference gets the namespace of the EventType', () => {
    const reference = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'b' };
    const spec = { attributes: ATTRIBUTES, reference };
    expect(admitted<EventType>(manifest('EventType', { spec })).spec.reference?.namespace).toBe(
      'ns',
    );
  });

  test('an attribute is not required unless it says so', () => {
    const spec = { attributes: [...ATTRIBUTES, { name: 'ext' }] };
    const { attributes } = admitted<EventType>(manifest('EventType', { spec })).spec;
    expect(attributes.at(-1)).toEqual({ name: 'ext', required: false });
  });
});

describe.each(OLDER)('%s', (apiVersion) => {
  test.each([
    [{ type: 'a', source: '/s', schema: '/x', schemaData: '{}', description: 'd' }, ''],
    [{ type: '' }, 'missing field(s): spec.type'],
    [{ type: 'a', source: '' }, 'invalid value: : spec.source\nsource URI cannot be empty'],
    [{ type: 'a', schema: '' }, 'invalid value: : spec.schema\nschema URI cannot be empty'],
  ])('%j', (spec, problems) => {
    expect(admitProblems(manifest('EventType', { apiVersion, spec }))).toBe(problems);
  });

  test('needs a type', () => {
    expect(decodeProblems(manifest('EventType', { apiVersion }))).toBe(
      'missing field(s): spec.type',
    );
  });

  test('may be changed', () => {
    const old = admitted(manifest('EventType', { apiVersion, spec: { type: 'a' } }));
    const changed = manifest('EventType', { apiVersion, spec: { type: 'b' } });
    expect(admitProblems(changed, contextWith(), old)).toBe('');
  });

  test('is converted to a valid v1beta3', () => {
    const spec = { type: 'a', source: '/s', schema: '/x', broker: 'b', description: 'd' };
    const older = admitted<OlderEventType>(manifest('EventType', { apiVersion, spec }));
    const converted = toEventType(older);
    expect(converted.spec).toEqual({
      description: 'd',
      reference: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'b' },
      attributes: [
        { name: 'specversion', required: true },
        { name: 'id', required: true },
        { name: 'type', required: true, value: 'a' },
        { name: 'source', required: true, value: '/s' },
        { name: 'schemadata', required: false, value: '/x' },
      ],
    });
    expect(admitProblems(converted)).toBe('');
  });

  test('keeps a reference, a schema in the object and the status when it is converted', () => {
    const reference = { apiVersion: 'v1', kind: 'Service', name: 's', namespace: 'ns' };
    const spec = { type: 'a', schemaData: '{}', broker: 'b', reference };
    const older = manifest('EventType', { apiVersion, spec, status: { observedGeneration: 1 } });
    const converted = toEventType(admitted<OlderEventType>(older));
    expect(converted.spec.reference).toEqual(reference);
    expect(converted.spec.attributes.at(-1)).toEqual({
      name: 'schemadata',
      required: false,
      value: '{}',
    });
    expect(converted.spec.attributes.find(({ name }) => name === 'source')).toEqual({
      name: 'source',
      required: true,
    });
    expect(converted.status).toEqual({ observedGeneration: 1 });
  });
});

test('an object keeps its meaning in a version in which it was not written', () => {
  const newer = admitted<EventType>(manifest('EventType', { spec: { attributes: ATTRIBUTES } }));
  const shownOlder = { ...newer, apiVersion: 'eventing.knative.dev/v1beta2' } as unknown;
  expect(toEventType(shownOlder as OlderEventType)).toEqual(newer);
  const older = admitted<OlderEventType>(
    manifest('EventType', { apiVersion: 'eventing.knative.dev/v1beta2', spec: { type: 'a' } }),
  );
  const shownNewer = { ...older, apiVersion: 'eventing.knative.dev/v1beta3' } as unknown;
  expect(toEventType(shownNewer as EventType)).toEqual(toEventType(older));
});

test('a v1beta3 EventType is converted to itself', () => {
  const value = admitted<EventType>(manifest('EventType', { spec: { attributes: ATTRIBUTES } }));
  expect(toEventType(value)).toBe(value);
});
