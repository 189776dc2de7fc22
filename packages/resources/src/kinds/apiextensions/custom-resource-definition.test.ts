import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, decodeProblems } from '../../testing.ts';
import { crdWarnings, establishedStatus } from './crd-status.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

const NOW = '2026-01-01T00:00:00Z';

interface Version {
  readonly [field: string]: unknown;
}

function version(more: Version = {}): Version {
  return {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object' } },
    ...more,
  };
}

function crd(more: Record<string, unknown> = {}, name = 'foos.a.b'): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'a.b',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [version()],
      ...more,
    },
  };
}

function withSchema(schema: unknown): object {
  return crd({ versions: [version({ schema: { openAPIV3Schema: schema } })] });
}

function paths(value: object, old?: CustomResourceDefinition): string[] {
  return admitProblems(value, contextWith(), old)
    .split('\n')
    .flatMap((line) => {
      const match = /: ((?:spec|metadata|status)[^ ]*(?:, [^ ]+)*)$/.exec(line);
      return match?.[1] === undefined ? [] : match[1].split(', ');
    });
}

test('names that follow from others are filled in', () => {
  expect(admitted<CustomResourceDefinition>(crd()).spec).toMatchObject({
    names: { plural: 'foos', kind: 'Foo', singular: 'foo', listKind: 'FooList' },
    conversion: { strategy: 'None' },
  });
});

test('the name is made of plural and group', () => {
  expect(admitProblems(crd({}, 'foo.a.b'))).toBe(
    'invalid value: foo.a.b: metadata.name\nmust be spec.names.plural+"."+spec.group',
  );
});

test.each<[string, object, string[]]>([
  ['a group without a dot', crd({ group: 'a' }, 'foos.a'), ['spec.group']],
  [
    'names that are none',
    crd({
      names: {
        plural: 'foos',
        kind: 'foo bar',
        shortNames: ['A'],
        categories: ['X'],
        singular: 'B',
      },
    }),
    [
      'spec.names.shortNames[0]',
      'spec.names.singular',
      'spec.names.categories[0]',
      'spec.names.kind',
      'spec.names.listKind',
    ],
  ],
  [
    'a version that is called badly',
    crd({ versions: [version({ name: 'V_1' })] }),
    ['spec.versions[0].name'],
  ],
  ['no stored version', crd({ versions: [version({ storage: false })] }), ['spec.versions']],
  [
    'two stored versions',
    crd({ versions: [version(), version({ name: 'v2' })] }),
    ['spec.versions'],
  ],
  [
    'a version twice',
    crd({ versions: [version(), version({ storage: false })] }),
    ['spec.versions'],
  ],
  [
    'no schema',
    crd({ versions: [{ name: 'v1', served: true, storage: true }] }),
    ['spec.versions[0].schema.openAPIV3Schema'],
  ],
  [
    'a column that is none',
    crd({
      versions: [
        version({ additionalPrinterColumns: [{ name: 'A', type: 'strin', jsonPath: 'spec' }] }),
      ],
    }),
    [
      'spec.versions[0].additionalPrinterColumns[0].JSONPath',
      'spec.versions[0].additionalPrinterColumns[0].type',
    ],
  ],
  [
    'a selectable field that is no path',
    crd({ versions: [version({ selectableFields: [{ jsonPath: 'spec.a' }] })] }),
    ['spec.versions[0].selectableFields[0].jsonPath'],
  ],
  [
    'replicas outside spec',
    crd({
      versions: [
        version({
          subresources: { scale: { specReplicasPath: '.a', statusReplicasPath: '.status.n' } },
        }),
      ],
    }),
    ['spec.versions[0].subresources.scale.specReplicasPath'],
  ],
])('%s is refused', (_title, value, expected) => {
  expect(paths(value).sort()).toEqual([...expected].sort());
});

const SCHEMA = 'spec.versions[0].schema.openAPIV3Schema';

test.each<[string, unknown, string]>([
  ['no type at the root', {}, `${SCHEMA}.type`],
  ['no type', { type: 'object', properties: { a: {} } }, `${SCHEMA}.properties[a].type`],
  [
    'a type that does not exist',
    { type: 'object', properties: { a: { type: 'strin' } } },
    `${SCHEMA}.properties[a].type`,
  ],
  [
    'a list of nothing',
    { type: 'object', properties: { a: { type: 'array' } } },
    `${SCHEMA}.properties[a].items`,
  ],
  [
    'a reference',
    { type: 'object', properties: { a: { type: 'object', $ref: '#/x' } } },
    `${SCHEMA}.properties[a].$ref`,
  ],
  [
    'a closed map',
    { type: 'object', properties: { a: { type: 'object', additionalProperties: false } } },
    `${SCHEMA}.properties[a].additionalProperties`,
  ],
  [
    'a map list without keys',
    {
      type: 'object',
      properties: {
        a: { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } },
      },
    },
    `${SCHEMA}.properties[a].x-kubernetes-list-map-keys`,
  ],
  [
    'a type inside an alternative',
    {
      type: 'object',
      properties: { a: { type: 'object', oneOf: [{ type: 'object', required: ['q'] }] } },
    },
    `${SCHEMA}.properties[a].oneOf[0].type`,
  ],
  [
    'unique items',
    {
      type: 'object',
      properties: { a: { type: 'array', uniqueItems: true, items: { type: 'string' } } },
    },
    `${SCHEMA}.properties[a].uniqueItems`,
  ],
  [
    'a pattern that is none',
    { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
    `${SCHEMA}.properties[a].pattern`,
  ],
  [
    'a default that it refuses itself',
    { type: 'object', properties: { a: { type: 'string', default: 5 } } },
    `${SCHEMA}.properties[a].default`,
  ],
  [
    'a keyword of the wrong type',
    { type: 'object', properties: { a: { type: 'string', maxLength: 'long' } } },
    `${SCHEMA}.properties[a].maxLength`,
  ],
  [
    'fields that are no schemas',
    { type: 'object', properties: { a: 'string' } },
    `${SCHEMA}.properties[a]`,
  ],
])('a schema with %s is refused', (_title, schema, path) => {
  expect(admitProblems(withSchema(schema))).toContain(path);
});

test('a default may rely on defaults inside', () => {
  const inside = { type: 'string', default: 'x' };
  const a = { type: 'object', default: {}, required: ['b'], properties: { b: inside } };
  expect(admitProblems(withSchema({ type: 'object', properties: { a } }))).toBe('');
});

test('an int-or-string that is spelled out is structural', () => {
  const port = {
    'x-kubernetes-int-or-string': true,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
  };
  expect(admitProblems(withSchema({ type: 'object', properties: { port } }))).toBe('');
});

test('the scope is one of two', () => {
  expect(decodeProblems(crd({ scope: 'Wide' }))).toBe(
    'invalid value: Wide: spec.scope\nexpected "Cluster" or "Namespaced"',
  );
});

describe('in use', () => {
  const fresh = admitted<CustomResourceDefinition>(crd());
  const naming = { accepted: fresh.spec.names, isEstablished: true };
  const old = { ...fresh, status: establishedStatus(fresh, naming, NOW) };

  test('it keeps its scope, its kind and its stored versions', () => {
    const changed = crd({
      scope: 'Cluster',
      names: { plural: 'foos', kind: 'Bar' },
      versions: [version({ name: 'v2' })],
    });
    expect(paths(changed, old).sort()).toEqual([
      'spec.names.kind',
      'spec.scope',
      'status.storedVersions[0]',
    ]);
  });

  test('it may get versions', () => {
    const changed = crd({ versions: [version(), version({ name: 'v2', storage: false })] });
    expect(admitProblems(changed, contextWith(), old)).toBe('');
  });

  test('its status says so, and what was stored once', () => {
    expect(old.status).toEqual({
      conditions: [
        {
          type: 'NamesAccepted',
          status: 'True',
          lastTransitionTime: NOW,
          reason: 'NoConflicts',
          message: 'no conflicts found',
        },
        {
          type: 'Established',
          status: 'True',
          lastTransitionTime: NOW,
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      acceptedNames: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
      storedVersions: ['v1'],
    });
    const next = admitted<CustomResourceDefinition>(
      crd({ versions: [version({ storage: false }), version({ name: 'v2' })] }),
    );
    const later = establishedStatus(
      { ...next, status: old.status },
      naming,
      '2027-01-01T00:00:00Z',
    );
    expect(later.storedVersions).toEqual(['v1', 'v2']);
    expect(later.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      NOW,
      NOW,
    ]);
  });
});

describe('whose names another has', () => {
  const conflict = { reason: 'KindConflict', message: '"Foo" is already in use' };
  const waiting = { accepted: { plural: 'foos', kind: '' }, conflict, isEstablished: false };
  const fresh = admitted<CustomResourceDefinition>(crd());

  test('its status says that it is not in use, and why', () => {
    expect(establishedStatus(fresh, waiting, NOW)).toEqual({
      conditions: [
        { type: 'NamesAccepted', status: 'False', lastTransitionTime: NOW, ...conflict },
        {
          type: 'Established',
          status: 'False',
          lastTransitionTime: NOW,
          reason: 'NotAccepted',
          message: 'not all names are accepted',
        },
      ],
      acceptedNames: { plural: 'foos', kind: '' },
      storedVersions: ['v1'],
    });
  });

  test('it is in use all the same when it was before', () => {
    const naming = { accepted: fresh.spec.names, isEstablished: true };
    const status = establishedStatus(fresh, naming, '2025-01-01T00:00:00Z');
    const next = establishedStatus({ ...fresh, status }, { ...naming, conflict }, NOW);
    expect(next.conditions?.map(({ status: state }) => state)).toEqual(['False', 'True']);
    expect(next.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      NOW,
      '2025-01-01T00:00:00Z',
    ]);
  });
});

test('what is not done here is said', () => {
  const rules = { 'x-kubernetes-validations': [{ rule: 'self.a > 1' }] };
  const value = crd({
    versions: [
      version({
        schema: {
          openAPIV3Schema: {
            type: 'object',
            ...rules,
            properties: { spec: { type: 'object', ...rules } },
          },
        },
      }),
    ],
    conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'] } },
  });
  expect(crdWarnings(admitted<CustomResourceDefinition>(value))).toEqual([
    'spec.versions[0].schema.openAPIV3Schema: x-kubernetes-validations are not evaluated here; rules that objects need not keep: 2',
    'spec.conversion: webhooks are not called here; every object is served in the version in which it was written',
  ]);
  expect(crdWarnings(admitted<CustomResourceDefinition>(crd()))).toEqual([]);
});
