/** What the kit cannot see: requests as they are sent, and servers that misbehave. */
import type { Change, WatchOptions } from '@afflux/control';
import { seededRandom, systemClock } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KubernetesStore, type KindLookup } from './kubernetes-store.ts';
import { RestClient, type RestClientOptions } from './rest-client.ts';
import {
  json,
  pieces,
  reset,
  scriptedServer,
  silence,
  status,
  type Answerer,
} from './testing/scripted-server.ts';

const TRIGGER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger' };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };

const KINDS: KindLookup = {
  get(_apiVersion, kind) {
    if (kind === 'Trigger') {
      const group = 'eventing.knative.dev';
      return { group, plural: 'triggers', namespaced: true, hasStatus: true };
    }
    if (kind !== 'Namespace') return undefined;
    return { group: '', plural: 'namespaces', namespaced: false, hasStatus: true };
  },
};

const PATH = '/apis/eventing.knative.dev/v1/namespaces/ns/triggers';

function trigger(name: string, resourceVersion = '7') {
  return { ...TRIGGER, metadata: { namespace: 'ns', name, resourceVersion } };
}

async function serve(answers: readonly Answerer[], options: Partial<RestClientOptions> = {}) {
  const server = await scriptedServer(...answers);
  const client = new RestClient(server.access, { clock: systemClock, ...options });
  onTestFinished(() => client.close());
  const store = new KubernetesStore({ client, kinds: KINDS, random: seededRandom(1) });
  return { server, client, store };
}

const queryOf = (url = ''): Record<string, string> =>
  Object.fromEntries(new URL(url, 'http://x').searchParams);

describe('writes', () => {
  it('carry manager, validation and dry run, and hand on warnings', async () => {
    const warning = '299 - "unknown field \\"spec.a\\""';
    const { server, store } = await serve([json(trigger('a'), 201, { warning })]);
    const warnings: string[] = [];
    await store.create(trigger('a'), {
      fieldManager: 'controller',
      fieldValidation: 'Warn',
      dryRun: true,
      onWarning: (text) => void warnings.push(text),
    });
    const { method, url } = server.requests[0] ?? {};
    expect([method, new URL(url ?? '', 'http://x').pathname]).toEqual(['POST', PATH]);
    expect(queryOf(url)).toEqual({
      fieldManager: 'controller',
      fieldValidation: 'Warn',
      dryRun: 'All',
    });
    expect(warnings).toEqual(['unknown field "spec.a"']);
  });

  it.each([
    ['merge', 'application/merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
    ['apply', 'application/apply-patch+yaml'],
  ] as const)('of a %s patch say so', async (type, contentType) => {
    const { server, store } = await serve([json(trigger('a'))]);
    await store.patch(TRIGGER, { namespace: 'ns', name: 'a' }, { type, body: [1] });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      url: `${PATH}/a`,
      body: '[1]',
      headers: { 'content-type': contentType },
    });
  });

  it('of a deletion carry its options', async () => {
    const { server, store } = await serve([json({ kind: 'Status', status: 'Success' })]);
    const key = { namespace: 'ns', name: 'a' };
    await store.delete(TRIGGER, key);
    await store.delete(TRIGGER, key, {
      dryRun: true,
      propagation: 'Orphan',
      preconditions: { uid: 'u' },
    });
    expect(server.requests.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { propagationPolicy: 'Background' },
      { propagationPolicy: 'Orphan', dryRun: ['All'], preconditions: { uid: 'u' } },
    ]);
  });

  it('of a deletion that is done at once answer with nothing, whatever the server shows', async () => {
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    const gone = { ...trigger('a').metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
    const dying = { ...gone, deletionGracePeriodSeconds: 30 };
    const { store } = await serve([
      json(trigger('a')),
      json({ ...TRIGGER, metadata: gone }),
      json({ ...TRIGGER, metadata: dying }),
    ]);
    const key = { namespace: 'ns', name: 'a' };
    expect(await store.delete(TRIGGER, key)).toBeUndefined();
    expect(await store.delete(TRIGGER, key)).toBeUndefined();
    expect(await store.delete(TRIGGER, key)).toMatchObject({ metadata: dying });
  });

  it('are never sent twice', async () => {
    const { server, store } = await serve([reset]);
    await expect(store.create(trigger('a'))).rejects.toMatchObject({ retryable: true });
    expect(server.requests).toHaveLength(1);
  });
});

describe('names', () => {
  it.each(['', '.', '..', 'a/b', 'a%2fb'])('%j is none, so nothing is asked', async (name) => {
    const { server, store } = await serve([json(trigger('a'))]);
    for (const key of [
      { namespace: 'ns', name },
      { namespace: name, name: 'a' },
    ]) {
      await expect(store.get(TRIGGER, key)).rejects.toMatchObject({ reason: 'BadRequest' });
      await expect(store.delete(TRIGGER, key)).rejects.toMatchObject({ reason: 'BadRequest' });
    }
    expect(server.requests).toHaveLength(0);
  });

  it('keep their letters and are escaped', async () => {
    const { server, store } = await serve([json(trigger('a'))]);
    await store.get(TRIGGER, { namespace: 'ns', name: 'system:Node?x' });
    expect(server.requests[0]?.url).toBe(`${PATH}/system%3ANode%3Fx`);
  });

  it('of a kind without namespaces need none, and of a kind with them need one', async () => {
    const { server, store } = await serve([json({ ...NAMESPACE, metadata: { name: 'a' } })]);
    await store.get(NAMESPACE, { namespace: 'ignored', name: 'a' });
    expect(server.requests[0]?.url).toBe('/api/v1/namespaces/a');
    await expect(store.get(TRIGGER, { name: 'a' })).rejects.toMatchObject({
      reason: 'BadRequest',
      message: 'Trigger objects need a namespace',
    });
  });

  it('of kinds that are not served are refused without asking', async () => {
    const { server, store } = await serve([json({})]);
    const kind = { apiVersion: 'v1', kind: 'Nothing' };
    await expect(store.list(kind)).rejects.toMatchObject({ code: 'AFFLUX_STORE_KIND_UNKNOWN' });
    expect(server.requests).toHaveLength(0);
  });
});

/** A page of a list, its items without the kind, as servers send them. */
function page(names: readonly string[], next?: string, namespace = 'ns'): Answerer {
  const items = names.map((name) => ({ metadata: { namespace, name, resourceVersion: '1' } }));
  return json({ metadata: { resourceVersion: '9', continue: next }, items });
}

describe('a list', () => {
  it('is read page by page and put in order', async () => {
    const { server, store } = await serve([
      page(['x'], 'p2', 'a-b'),
      page(['x'], 'p3', 'a'),
      page(['w'], '', 'a'),
    ]);
    const { items, resourceVersion } = await store.list(TRIGGER, { labelSelector: { l: '1' } });
    expect(items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'a/w',
      'a/x',
      'a-b/x',
    ]);
    expect(items[0]).toMatchObject(TRIGGER);
    expect(resourceVersion).toBe('9');
    expect(server.requests.map(({ url }) => queryOf(url))).toEqual([
      { labelSelector: 'l=1', limit: '500' },
      { labelSelector: 'l=1', limit: '500', continue: 'p2' },
      { labelSelector: 'l=1', limit: '500', continue: 'p3' },
    ]);
  });

  it('begins anew without pages when the server forgot between two', async () => {
    const { server, store } = await serve([
      page(['a'], 'p2'),
      status(410, { reason: 'Expired' }),
      page(['a', 'b']),
    ]);
    const { items } = await store.list(TRIGGER, { namespace: 'ns' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(queryOf(server.requests[2]?.url)).toEqual({});
  });

  it.each([{}, { metadata: {} }, { metadata: { resourceVersion: '1' }, items: 7 }, [], 'text'])(
    'that is none is refused: %j',
    async (body) => {
      const { store } = await serve([json(body)]);
      await expect(store.list(TRIGGER)).rejects.toMatchObject({
        code: 'AFFLUX_KUBERNETES_ANSWER_INVALID',
      });
    },
  );

  it('cannot select a field by one of several values', async () => {
    const { server, store } = await serve([page([])]);
    const select = (values: string[]) =>
      store.list(TRIGGER, { fieldSelector: [{ key: 'metadata.name', operator: 'In', values }] });
    await expect(select(['a', 'b'])).rejects.toMatchObject({ reason: 'BadRequest' });
    await select(['a']);
    expect(queryOf(server.requests[0]?.url)).toMatchObject({ fieldSelector: 'metadata.name=a' });
  });
});

describe('a watch', () => {
  const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
  const added = (name: string) => line('ADDED', trigger(name));

  async function watch(
    answers: readonly Answerer[],
    options: Partial<WatchOptions> = {},
    client: Partial<RestClientOptions> = {},
  ) {
    const { server, store } = await serve(answers, client);
    const lifetime = new AbortController();
    const { signal } = lifetime;
    const changes = store.watch(TRIGGER, {
      namespace: 'ns',
      resourceVersion: '5',
      signal,
      ...options,
    });
    return { server, lifetime, changes };
  }

  async function read(changes: AsyncIterable<Change>): Promise<string[]> {
    const seen: string[] = [];
    for await (const change of changes) {
      seen.push(
        change.type === 'BOOKMARK'
          ? `BOOKMARK ${change.resourceVersion}`
          : `${change.type} ${change.object.metadata.name}`,
      );
    }
    return seen;
  }

  it('asks for bookmarks and for an end between five and ten minutes', async () => {
    const { server, changes } = await watch([pieces([])], {
      labelSelector: [{ key: 'a', operator: 'Exists' }],
    });
    await read(changes);
    const { timeoutSeconds, ...query } = queryOf(server.requests[0]?.url);
    expect(query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      labelSelector: 'a',
    });
    expect(Number(timeoutSeconds)).toBeGreaterThanOrEqual(300);
    expect(Number(timeoutSeconds)).toBeLessThan(600);
  });

  it('begins with a list when it is given no version', async () => {
    const { server, changes } = await watch([page(['a', 'b']), pieces([added('c')])], {
      resourceVersion: undefined,
    });
    expect(await read(changes)).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
    expect(queryOf(server.requests[1]?.url)).toMatchObject({ resourceVersion: '9' });
  });

  it('shows changes and bookmarks, wherever the stream is cut', async () => {
    const bookmark = line('BOOKMARK', { ...TRIGGER, metadata: { resourceVersion: '8' } });
    const grün = line('MODIFIED', { ...trigger('a'), spec: { text: 'grün 🌱' } });
    const bytes = Buffer.from(added('a') + grün + bookmark + line('DELETED', trigger('a')));
    const cuts = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
      bytes.subarray(index * 7, index * 7 + 7),
    );
    const { changes } = await watch([pieces(cuts)]);
    expect(await read(changes)).toEqual(['ADDED a', 'MODIFIED a', 'BOOKMARK 8', 'DELETED a']);
  });

  it('takes a change of two megabytes', async () => {
    const text = 'x'.repeat(2 * 1024 * 1024);
    const { changes } = await watch([
      pieces([line('ADDED', { ...trigger('a'), spec: { text } }), added('b')]),
    ]);
    expect(await read(changes)).toEqual(['ADDED a', 'ADDED b']);
  });

  it('ends without an error when the connection breaks, and drops half a change', async () => {
    const { changes } = await watch([pieces([added('a'), added('b').slice(0, 20)], 'reset')]);
    expect(await read(changes)).toEqual(['ADDED a']);
  });

  it('ends without an error when nothing comes for too long', async () => {
    const clock = new FakeClock();
    const { changes } = await watch([pieces([added('a')], 'hang')], {}, { clock });
    const reader = changes[Symbol.asyncIterator]();
    expect(await reader.next()).toMatchObject({ value: { type: 'ADDED' } });
    const rest = reader.next();
    await clock.advance(150_000);
    expect(await rest).toMatchObject({ done: true });
  });

  it.each([
    [status(410, { reason: 'Expired' })],
    [pieces([added('a'), line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })])],
    [pieces([line('ERROR', { kind: 'Status', code: 410, reason: 'Gone' })], 'hang')],
  ])('%# that is too old rejects with Expired', async (answer) => {
    const { changes } = await watch([answer]);
    await expect(read(changes)).rejects.toMatchObject({ reason: 'Expired', status: 410 });
  });

  it('rejects with what the server sends instead of a change', async () => {
    const error = { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd' };
    const { changes } = await watch([pieces([line('ERROR', error)])]);
    await expect(read(changes)).rejects.toMatchObject({ message: 'etcd', retryable: true });
  });

  it.each(['<html>', '{"type":"NEW","object":{"metadata":{}}}', '{"type":"ADDED"}', 'null', '7'])(
    'rejects what is no change: %s',
    async (text) => {
      const { changes } = await watch([pieces([`${text}\n`], 'hang')]);
      await expect(read(changes)).rejects.toMatchObject({
        code: 'AFFLUX_KUBERNETES_ANSWER_INVALID',
      });
    },
  );

  it('rejects when the server cannot be reached at all', async () => {
    const { changes } = await watch([reset]);
    await expect(read(changes)).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_UNREACHABLE',
      retryable: true,
    });
  });

  it('ends when its signal aborts: while it lists, while it begins, while it runs', async () => {
    for (const [answers, resourceVersion, count] of [
      [[silence], undefined, 1],
      [[page([]), silence], undefined, 2],
      [[silence], '5', 1],
      [[pieces([added('a')], 'hang')], '5', 1],
    ] as const) {
      const { server, lifetime, changes } = await watch(answers, { resourceVersion });
      const end = read(changes);
      await server.received(count);
      lifetime.abort();
      await end;
    }
  });

  it('lets go of its connection when its reader leaves', async () => {
    let closed: Promise<void> | undefined;
    const { changes } = await watch([
      (response) => {
        closed = new Promise((resolve) => response.once('close', resolve));
        pieces([added('a')], 'hang')(response);
      },
    ]);
    for await (const change of changes) {
      expect(change.type).toBe('ADDED');
      break;
    }
    await closed;
  });
});
