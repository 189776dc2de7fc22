import type { KindDefinition } from '@afflux/resources';
import { builtinKinds, KindRegistry } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import { OpenApi, swaggerForm } from './open-api.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly consumes?: readonly string[];
  readonly 'x-kubernetes-group-version-kind': object;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Swagger {
  readonly swagger: string;
  readonly paths: Document['paths'];
  readonly definitions: Readonly<Record<string, object>>;
}

const EXTRA = {
  group: 'afflux.dev',
  version: 'v1alpha1',
  plural: 'deadletters',
  singular: 'deadletter',
  kind: 'DeadLetter',
  namespaced: true,
  verbs: ['get', 'list'],
  shortNames: [],
  categories: [],
};

const OPEN_API = new OpenApi({ registry: builtinKinds(), extra: [EXTRA], version: '0.1.0' });
const TRIGGER_PATH = '/apis/eventing.knative.dev/v1/namespaces/{namespace}/triggers/{name}';
const SERVICE_PATH = '/api/v1/namespaces/{namespace}/services/{name}';

function indexOf(openApi: OpenApi): Record<string, { serverRelativeURL: string }> {
  return (openApi.index() as { paths: Record<string, { serverRelativeURL: string }> }).paths;
}

function documentAt(path: string, openApi = OPEN_API): Document {
  const document = openApi.document(path);
  if (document === undefined) throw new Error(`no document ${path}`);
  return JSON.parse(document.body) as Document;
}

/** Every `$ref` in a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member] : references(member),
  );
}

describe('the index', () => {
  test('names a document for each group and version, by the hash of its content', () => {
    const paths = indexOf(OPEN_API);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        'api/v1',
        'apis/eventing.knative.dev/v1',
        'apis/afflux.dev/v1alpha1',
      ]),
    );
    for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
      const document = OPEN_API.document(path);
      expect(serverRelativeURL).toBe(`/openapi/v3/${path}?hash=${document?.hash ?? ''}`);
      expect(document?.etag).toBe(`"${document?.hash ?? ''}"`);
    }
  });

  test('has the same addresses in another process with the same kinds', () => {
    const other = new OpenApi({ registry: builtinKinds(), extra: [EXTRA], version: '0.1.0' });
    expect(other.index()).toEqual(OPEN_API.index());
  });

  test('has another address for what has changed, and for nothing else', () => {
    const registry = new KindRegistry(builtinKinds().all());
    const openApi = new OpenApi({ registry, extra: [EXTRA], version: '0.1.0' });
    const before = indexOf(openApi);
    expect(openApi.index()).toBe(openApi.index());
    const trigger = registry.get('eventing.knative.dev/v1', 'Trigger') as KindDefinition;
    registry.register({ ...trigger, kind: 'Other', plural: 'others', singular: 'other' });
    const after = indexOf(openApi);
    const changed = Object.keys(after).filter(
      (path) => after[path]?.serverRelativeURL !== before[path]?.serverRelativeURL,
    );
    expect(changed).toEqual(['apis/eventing.knative.dev/v1']);
  });

  test('names nothing that is not there', () => {
    expect(OPEN_API.document('apis/nothing/v1')).toBeUndefined();
    expect(OPEN_API.document('')).toBeUndefined();
  });
});

describe.each(Object.keys(indexOf(OPEN_API)))('the document %s', (path) => {
  const document = documentAt(path);

  test('contains everything that it refers to', () => {
    const names = references(document).map((ref) => ref.replace('#/components/schemas/', ''));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !Object.hasOwn(document.components.schemas, name))).toEqual([]);
  });

  test('names every operation differently, and the kind that it is about', () => {
    const operations = Object.values(document.paths).flatMap((item) =>
      Object.entries(item)
        .filter(([key]) => key !== 'parameters')
        .map(([, operation]) => operation),
    );
    expect(operations.length).toBeGreaterThan(0);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const operation of operations) {
      expect(operation['x-kubernetes-group-version-kind']).toMatchObject({
        version: expect.any(String) as string,
        kind: expect.any(String) as string,
      });
    }
  });
});

describe('what kubectl looks for', () => {
  const eventing = documentAt('apis/eventing.knative.dev/v1');
  const core = documentAt('api/v1');

  test.each([
    ['a Trigger', eventing, TRIGGER_PATH],
    ['a Service', core, SERVICE_PATH],
  ])('is that a patch of %s can be validated and tried by the server', (_name, document, path) => {
    const names = document.paths[path]?.['patch']?.parameters.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['fieldValidation', 'dryRun', 'force']));
  });

  test('is that kinds of Kubernetes take a strategic merge patch, and others do not', () => {
    const typesAt = (document: Document, path: string): string[] =>
      Object.keys(document.paths[path]?.['patch']?.requestBody?.content ?? {});
    const others = [
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
    ];
    expect(typesAt(eventing, TRIGGER_PATH).sort()).toEqual(others);
    expect(typesAt(core, SERVICE_PATH).sort()).toEqual([
      ...others,
      'application/strategic-merge-patch+json',
    ]);
  });

  test('is by what the ports of a Service merge', () => {
    expect(core.components.schemas['io.k8s.api.core.v1.Service']).toMatchObject({
      properties: {
        spec: {
          properties: {
            ports: {
              'x-kubernetes-patch-merge-key': 'port',
              'x-kubernetes-patch-strategy': 'merge',
            },
          },
        },
      },
    });
  });

  test('is what the fields of a kind mean, with metadata in full', () => {
    expect(eventing.components.schemas['dev.knative.eventing.v1.Trigger']).toMatchObject({
      type: 'object',
      properties: {
        metadata: {
          allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
        },
        spec: { properties: { delivery: { properties: { retry: { type: 'integer' } } } } },
      },
      'x-kubernetes-group-version-kind': [
        { group: 'eventing.knative.dev', version: 'v1', kind: 'Trigger' },
      ],
    });
  });

  test('is the kind of a resource, by the address of one object', () => {
    expect(eventing.paths[TRIGGER_PATH]?.['get']).toMatchObject({
      'x-kubernetes-action': 'get',
      'x-kubernetes-group-version-kind': { kind: 'Trigger' },
    });
    expect(Object.keys(eventing.paths[`${TRIGGER_PATH}/status`] ?? {}).sort()).toEqual([
      'get',
      'parameters',
      'patch',
      'put',
    ]);
  });

  test('is only what discovery says can be done', () => {
    const methodsAt = (path: string): string[] => Object.keys(core.paths[path] ?? {}).sort();
    expect(methodsAt('/api/v1/namespaces/{namespace}/pods/{name}')).toEqual(['get', 'parameters']);
    expect(methodsAt('/api/v1/namespaces/{namespace}/pods/{name}/log')).toEqual([
      'get',
      'parameters',
    ]);
    expect(methodsAt('/api/v1/pods')).toEqual(['get', 'parameters']);
    expect(methodsAt('/api/v1/namespaces')).toEqual(['get', 'parameters', 'post']);
  });
});

test('a kind with replicas has the schemas of a scale', () => {
  const [model] = builtinKinds().byKind('Trigger');
  if (model === undefined) throw new Error('no kind to start from');
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const openApi = new OpenApi({ registry: new KindRegistry([{ ...model, scale }]) });
  const document = documentAt('apis/eventing.knative.dev/v1', openApi);
  expect(document.components.schemas).toHaveProperty(['io.k8s.api.autoscaling.v1.Scale']);
  expect(document.paths[`${TRIGGER_PATH}/scale`]?.['patch']).toMatchObject({
    'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  });
});

describe('the Swagger document', () => {
  const swagger = JSON.parse(OPEN_API.v2().body) as Swagger;

  test('contains everything that it refers to', () => {
    const names = references(swagger);
    expect(names.length).toBeGreaterThan(0);
    expect(
      names.filter((ref) => !Object.hasOwn(swagger.definitions, ref.replace('#/definitions/', ''))),
    ).toEqual([]);
  });

  test('says what a patch takes, with its parameters', () => {
    const patch = swagger.paths[SERVICE_PATH]?.['patch'];
    expect(patch?.consumes).toContain('application/strategic-merge-patch+json');
    expect(patch?.parameters).toContainEqual(
      expect.objectContaining({ name: 'fieldValidation', in: 'query', type: 'string' }),
    );
    expect(patch?.parameters).toContainEqual(
      expect.objectContaining({
        name: 'body',
        in: 'body',
        schema: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' },
      }),
    );
  });

  test('contains no keywords of the newer format', () => {
    const { body } = OPEN_API.v2();
    expect(body).not.toMatch(/"(?:anyOf|oneOf|nullable|requestBody|content)":[[{]/u);
    expect(body).not.toContain('#/components/');
  });

  test('is JSON, and protobuf for kubectl, which asks for nothing else', () => {
    expect(swaggerForm('application/json')).toBe('json');
    expect(swaggerForm(undefined)).toBe('json');
    expect(swaggerForm('application/com.github.proto-openapi.spec.v2@v1.0+protobuf')).toBe(
      'protobuf',
    );
    expect(swaggerForm('text/html')).toBeUndefined();
  });
});
