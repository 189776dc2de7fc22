import { describe, expect, test } from 'vitest';
import { admit } from '../../admit.ts';
import { decode } from '../../decode.ts';
import type { KindDefinition } from '../../kind.ts';
import { KindRegistry } from '../../kind.ts';
import { structuralSchema } from '../../openapi/structural.ts';
import { statusCauses } from '../../status-causes.ts';
import { admitted, contextWith, yaml } from '../../testing.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';
import { kindsOfCrd } from './kinds-of-crd.ts';

function crdWith(schema: string, more = ''): CustomResourceDefinition {
  return admitted<CustomResourceDefinition>(
    yaml(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: wordings.resources.afflux.test}
spec:
  group: resources.afflux.test
  scope: Namespaced
  names: {plural: wordings, kind: Wording, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: ${schema}
          status: {type: object, properties: {n: {type: integer}}}
${more}`),
  );
}

const CRD = crdWith(`
            type: object
            required: [name]
            properties:
              name: {type: string}
              count: {type: integer, minimum: 1, maximum: 9, format: int32}
              long: {type: integer, format: int64}
              ratio: {type: number, minimum: 0.5, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: true}
              half: {type: number, multipleOf: 0.5}
              color: {type: string, enum: [red, green]}
              num: {type: integer, enum: [1, 2]}
              port: {x-kubernetes-int-or-string: true}
              tags: {type: object, additionalProperties: {type: string}, minProperties: 1, maxProperties: 2}
              maps: {type: object, additionalProperties: {type: object, properties: {a: {type: string}, d: {type: integer, default: 1}}}}
              list: {type: array, minItems: 1, maxItems: 2, items: {type: object, required: [x], properties: {at: {type: boolean}, x: {type: string, default: d}}}}
              req: {type: array, items: {type: object, required: [yy], properties: {yy: {type: string}}}}
              set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              bykey: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k, p], items: {type: object, required: [k], properties: {k: {type: string}, p: {type: string, default: TCP}}}}
              open: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object, properties: {a: {type: string}}}}}
              any: {x-kubernetes-preserve-unknown-fields: true}
              short: {type: string, minLength: 2, maxLength: 4}
              pat: {type: string, pattern: '^a+$'}
              nul: {type: string, nullable: true}
              nuldef: {type: string, default: q}
              nulboth: {type: string, nullable: true, default: q}
              one: {type: object, properties: {a: {type: string}, b: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}
              anyof: {type: object, properties: {a: {type: string}, b: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}
              allof: {type: object, properties: {a: {type: string}, b: {type: string}}, allOf: [{required: [a]}, {required: [b]}]}
              not: {type: object, properties: {a: {type: string}}, not: {required: [a]}}
              range: {type: object, properties: {a: {type: integer}}, anyOf: [{properties: {a: {minimum: 5}}}, {properties: {a: {maximum: 1}}}]}
              obj: {type: object, properties: {a: {type: string}}}
              emb: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}
              when: {type: array, items: {type: string, format: date-time}}
              day: {type: array, items: {type: string, format: date}}
              bytes: {type: array, items: {type: string, format: byte}}
              mail: {type: array, items: {type: string, format: email}}
              uri: {type: array, items: {type: string, format: uri}}
              dur: {type: array, items: {type: string, format: duration}}
              uuid: {type: array, items: {type: string, format: uuid}}
              ip4: {type: array, items: {type: string, format: ipv4}}
              ip6: {type: array, items: {type: string, format: ipv6}}
              cidr: {type: array, items: {type: string, format: cidr}}
              weird: {type: string, format: weird}`);

function registryOf(crd: CustomResourceDefinition): KindRegistry {
  return new KindRegistry(kindsOfCrd(crd));
}

const REGISTRY = registryOf(CRD);

function wording(spec: unknown): object {
  return {
    apiVersion: 'resources.afflux.test/v1',
    kind: 'Wording',
    metadata: { name: 'a', namespace: 'ns' },
    ...(spec === undefined ? {} : { spec }),
  };
}

function causes(spec: unknown): string[] {
  const { errors } = decode(REGISTRY, wording(spec), { unknownFields: 'drop' });
  return statusCauses(errors).map(({ field, message }) => `${field}: ${message}`);
}

function specOf(spec: unknown): unknown {
  return decode(REGISTRY, wording(spec), { unknownFields: 'drop' }).object?.spec;
}

describe('objects of a user-defined kind', () => {
  // What a kube-apiserver 1.33 answered for the same CRD, without the line that says that CEL had no turn.
  test.each<[unknown, string[]]>([
    [{}, ['spec.name: Required value']],
    [{ name: null }, ['spec.name: Required value']],
    ['x', ['spec: Invalid value: "string": spec in body must be of type object: "string"']],
    [null, []],
    [
      { name: 'a', count: 1.5, ratio: 0.5, half: 1.2, color: 'blue', num: 3, port: true },
      [
        'spec.count: Invalid value: "number": spec.count in body must be of type integer: "number"',
        'spec.ratio: Invalid value: 0.5: spec.ratio in body should be greater than 0.5',
        'spec.half: Invalid value: 1.2: spec.half in body should be a multiple of 0.5',
        'spec.color: Unsupported value: "blue": supported values: "red", "green"',
        'spec.num: Unsupported value: 3: supported values: "1", "2"',
        'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      ],
    ],
    [
      {
        name: 'a',
        count: 0,
        long: 'x',
        ratio: 2,
        tags: { 'x.y/z': 1 },
        maps: { 'q.r/s': { a: 1 } },
        list: [{ at: 1 }],
      },
      [
        'spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1',
        'spec.long: Invalid value: "string": spec.long in body must be of type integer: "string"',
        'spec.ratio: Invalid value: 2: spec.ratio in body should be less than 2',
        'spec.tags.x.y/z: Invalid value: "integer": spec.tags.x.y/z in body must be of type string: "integer"',
        'spec.maps.q.r/s.a: Invalid value: "integer": spec.maps.q.r/s.a in body must be of type string: "integer"',
        'spec.list[0].at: Invalid value: "integer": spec.list[0].at in body must be of type boolean: "integer"',
      ],
    ],
    [
      { name: 'a', count: 10, tags: {}, list: [], req: [{}] },
      [
        'spec.count: Invalid value: 10: spec.count in body should be less than or equal to 9',
        'spec.tags: Invalid value: 0: spec.tags in body should have at least 1 properties',
        'spec.list: Invalid value: 0: spec.list in body should have at least 1 items',
        'spec.req[0].yy: Required value',
      ],
    ],
    [
      { name: 'a', tags: { a: '1', b: '2', c: '3' }, list: [{}, {}, {}] },
      [
        'spec.tags: Too many: 3: must have at most 2 items',
        'spec.list: Too many: 3: must have at most 2 items',
      ],
    ],
    [
      { name: 'a', set: ['a', 'a'], bykey: [{ k: 'a' }, { k: 'a' }, { k: 'a', p: 'UDP' }] },
      [
        'spec.set[1]: Duplicate value: "a"',
        'spec.bykey[1]: Duplicate value: map[string]interface {}{"k":"a", "p":"TCP"}',
      ],
    ],
    [
      { name: 'a', short: 'a', pat: 'b' },
      [
        'spec.short: Invalid value: "a": spec.short in body should be at least 2 chars long',
        `spec.pat: Invalid value: "b": spec.pat in body should match '^a+$'`,
      ],
    ],
    [{ name: 'a', short: 'aaaaa' }, ['spec.short: Too long: may not be more than 4 bytes']],
    [{ name: 'a', short: '😀😀😀😀' }, []],
    [
      { name: 'a', one: {}, anyof: {}, allof: {}, not: { a: 'x' } },
      [
        '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
        'spec.one.a: Required value',
        '<nil>: Invalid value: "": "spec.anyof" must validate at least one schema (anyOf)',
        'spec.anyof.a: Required value',
        'spec.allof.a: Required value',
        'spec.allof.b: Required value',
        '<nil>: Invalid value: "": "spec.allof" must validate all the schemas (allOf). None validated',
        '<nil>: Invalid value: "": "spec.not" must not validate the schema (not)',
      ],
    ],
    [
      { name: 'a', one: { a: '1', b: '2' }, allof: { a: 'x' } },
      [
        '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives',
        'spec.allof.b: Required value',
        '<nil>: Invalid value: "": "spec.allof" must validate all the schemas (allOf)',
      ],
    ],
    [
      { name: 'a', obj: [], list: {} },
      [
        'spec.obj: Invalid value: "array": spec.obj in body must be of type object: "array"',
        'spec.list: Invalid value: "object": spec.list in body must be of type array: "object"',
      ],
    ],
    [
      { name: 'a', list: [null] },
      ['spec.list[0]: Invalid value: "null": spec.list[0] in body must be of type object: "null"'],
    ],
    [
      { name: 'a', long: 2 ** 63 },
      ['spec.long: Invalid value: "number": spec.long in body must be of type integer: "number"'],
    ],
    [
      { name: 'a', emb: {} },
      [
        'spec.emb.apiVersion: Required value: must not be empty',
        'spec.emb.kind: Required value: must not be empty',
      ],
    ],
    [
      { name: 'a', color: 5 },
      [
        'spec.color: Invalid value: "integer": spec.color in body must be of type string: "integer"',
      ],
    ],
    [{ name: 'a', range: { a: 0 } }, []],
    [{ name: 'a', weird: 'anything', port: 5 }, []],
  ])('%j', (spec, expected) => {
    expect(causes(spec)).toEqual(expected);
  });

  test.each([
    ['when', ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123+01:00', '2026-01-01t00:00:00z']],
    ['day', ['2026-01-01']],
    ['bytes', ['AA==']],
    ['mail', ['a@b', 'a@b.c', 'A <a@b.c>']],
    ['uri', ['http://a', '/a', 'urn:x:y']],
    ['dur', ['1s', '1h30m', 'PT1S', '1 s', '1d', '2 weeks', '-1s', '1.5h', '3 hours']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000', '123E4567e89b12d3a456426614174000']],
    ['ip4', ['1.2.3.4']],
    ['ip6', ['::1', '::ffff:1.2.3.4']],
    ['cidr', ['1.2.3.4/8', '::/0']],
  ])('the format of %s takes %j', (field, values) => {
    expect(causes({ name: 'a', [field]: values })).toEqual([]);
  });

  test.each([
    ['when', ['2026-01-01', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00', '']],
    ['day', ['2026-1-1', '2026-02-30', '']],
    ['bytes', ['AAA', 'A', 'AAAA\n', '-_==', '']],
    ['mail', ['a', 'a@b c', '']],
    ['uri', ['a', 'a b', 'http://[', '', '#x']],
    ['dur', ['', '1']],
    ['uuid', ['x']],
    ['ip4', ['1.2.3', '256.1.1.1', '::1', '']],
    ['ip6', ['1.2.3.4', 'g', '']],
    ['cidr', ['1.2.3.4', '1.2.3.4/33']],
  ])('the format of %s refuses %j', (field, values) => {
    expect(causes({ name: 'a', [field]: values })).toHaveLength(values.length);
  });

  test('a text without its format is told with it', () => {
    expect(causes({ name: 'a', mail: ['x'] })).toEqual([
      'spec.mail[0]: Invalid value: "x": spec.mail[0] in body must be of type email: "x"',
    ]);
  });

  test('get their defaults, in lists and maps too', () => {
    const spec = { name: 'a', list: [{}], maps: { k: {} }, bykey: [{ k: 'a' }] };
    expect(specOf(spec)).toEqual({
      name: 'a',
      list: [{ x: 'd' }],
      maps: { k: { d: 1 } },
      bykey: [{ k: 'a', p: 'TCP' }],
      nuldef: 'q',
      nulboth: 'q',
    });
  });

  test('lose a null that may not be, and keep one that may', () => {
    expect(
      specOf({ name: 'a', obj: null, nul: null, nuldef: null, nulboth: null, maps: { k: null } }),
    ).toEqual({ name: 'a', nul: null, nuldef: 'q', nulboth: null, maps: {} });
  });

  const unknown = {
    name: 'a',
    foo: 1,
    obj: { foo: 1 },
    maps: { 'a.b/c': { foo: 1 } },
    req: [{ yy: 'a' }, { yy: 'a', foo: 1 }],
    open: { x: { y: 1 }, known: { foo: 1, a: '1' } },
    any: { x: [1] },
    emb: { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: { x: 1 }, other: 1 },
  };

  test('lose what the schema does not know, and keep what it keeps', () => {
    const { object, dropped } = decode(REGISTRY, wording(unknown), { unknownFields: 'drop' });
    expect(dropped).toEqual([
      'spec.emb.other',
      'spec.emb.spec.x',
      'spec.foo',
      'spec.maps.a.b/c.foo',
      'spec.obj.foo',
      'spec.open.known.foo',
      'spec.req[1].foo',
    ]);
    expect(object?.spec).toMatchObject({
      open: { x: { y: 1 }, known: { a: '1' } },
      any: { x: [1] },
      emb: { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: {} },
    });
  });

  test('with unknown fields are refused in our words where that is asked for', () => {
    const { errors } = decode(REGISTRY, wording({ name: 'a', colour: 'red', obj: { b: 1 } }));
    expect(errors.toString()).toBe(
      'unknown field "b", expected "a": spec.obj.b\nunknown field "colour", did you mean "color"?: spec.colour',
    );
  });

  test('have the metadata of every object', () => {
    const { errors } = decode(REGISTRY, {
      ...wording({ name: 'a' }),
      metadata: { labels: { a: 1 } },
    });
    expect(errors.toString()).toBe('expected a string, found the number 1: metadata.labels[a]');
    const strange = { ...wording({ name: 'a' }), metadata: { name: 'A_B' } };
    const { object } = decode(REGISTRY, strange);
    if (object === undefined) throw new Error('not decoded');
    expect(admit(REGISTRY, object, contextWith()).errors.toString()).toContain('metadata.name');
  });

  test('that were admitted are admitted again unchanged', () => {
    const { object } = decode(REGISTRY, wording({ name: 'a' }));
    if (object === undefined) throw new Error('not decoded');
    const once = admit(REGISTRY, object, contextWith()).object;
    expect(once).toEqual(object);
  });

  test('T12 are bounded in depth', () => {
    const cycle: Record<string, unknown> = {};
    cycle['any'] = cycle;
    expect(decode(REGISTRY, wording({ name: 'a', any: cycle })).errors.toString()).toContain(
      'nested deeper',
    );
  });

  test('T12 cannot change prototypes', () => {
    const hostile: unknown = JSON.parse('{"name":"a","any":{"__proto__":{"polluted":true}}}');
    const { dropped } = decode(REGISTRY, wording(hostile), { unknownFields: 'drop' });
    expect(dropped).toEqual(['spec.any.__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('the definition of a user-defined kind', () => {
  const MORE = `
    subresources: {status: {}, scale: {specReplicasPath: .spec.n, statusReplicasPath: .status.n}}
    selectableFields: [{jsonPath: .spec.a}]
    additionalPrinterColumns: [{name: A, type: string, jsonPath: .spec.a, priority: 1, description: x}]
  - name: v1alpha1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object}}
  - name: v0
    served: false
    storage: false
    schema: {openAPIV3Schema: {type: object}}`;
  const definitions = kindsOfCrd(
    crdWith('{type: object, properties: {a: {type: string}, n: {type: integer}}}', MORE),
  );
  const [first, second] = definitions as [KindDefinition, KindDefinition];

  test('is there for every version that is served', () => {
    expect(definitions.map(({ apiVersion }) => apiVersion)).toEqual([
      'resources.afflux.test/v1',
      'resources.afflux.test/v1alpha1',
    ]);
  });

  test('has the names, columns and subresources of the CRD', () => {
    expect(first).toMatchObject({
      plural: 'wordings',
      singular: 'wording',
      listKind: 'WordingList',
      shortNames: ['wd'],
      categories: ['all'],
      namespaced: true,
      hasStatus: true,
      scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' },
      selectableFields: ['spec.a'],
      printerColumns: [
        { name: 'A', type: 'string', jsonPath: '.spec.a', priority: 1, description: 'x' },
      ],
    });
    expect(first.isBuiltin ?? false).toBe(false);
    expect(first.crd).toBeUndefined();
  });

  test('shows the age where the CRD has no columns, and has no status without the subresource', () => {
    expect(second.printerColumns.map(({ name }) => name)).toEqual(['Age']);
    expect(second.hasStatus).toBe(false);
  });

  test('has the schema of the CRD, which also says how lists merge', () => {
    expect(structuralSchema(first).properties?.['spec']).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, n: { type: 'integer' } },
    });
    expect(first.mergeSchema).toBe(structuralSchema(first));
  });
});
