/** What the commands do when a server refuses, falls silent, or breaks off; against a server that does as told. */
import type { Answerer } from '@afflux/control-kubernetes/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, start } from '../testing/commands.ts';
import { answer, refuse, startScriptedApi } from '../testing/scripted-api.ts';

const BROKERS = '/apis/eventing.knative.dev/v1/namespaces/default/brokers';

function broker(name: string, resourceVersion: string, more: object = {}) {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion },
    ...more,
  };
}

function list(resourceVersion: string, ...items: object[]) {
  return { kind: 'BrokerList', metadata: { resourceVersion }, items };
}

function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

async function withApi(script: Answerer) {
  const api = await startScriptedApi(script);
  return {
    api,
    afflux: (...args: string[]) => run([...args, '--control', api.url]),
    running: (...args: string[]) => start([...args, '--control', api.url]),
  };
}

async function manifest(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-apply-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'manifest.yaml');
  await writeFile(file, text);
  return file;
}

const MANIFEST = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: a }
---
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: b }
`;

describe('a server', () => {
  it('that is not there is said to be missing, with what to do', async () => {
    const { code, out, err } = await run(['get', 'brokers', '--control', 'http://127.0.0.1:1']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: cannot reach Afflux at http:\/\/127\.0\.0\.1:1 .*is it running\?/);
    expect(err).toContain('--control');
    expect(err).toContain('--context');
  });

  it.each([
    [
      401,
      'Unauthorized',
      'Unauthorized',
      'error: You must be logged in to the server (Unauthorized)\n',
    ],
    [403, 'Forbidden', 'no', 'Error from server (Forbidden): no\n'],
    [500, 'InternalError', 'boom', 'Error from server (InternalError): boom\n'],
  ])('that refuses with %i %s is quoted as kubectl does', async (status, reason, message, text) => {
    const { afflux } = await withApi((response) => {
      refuse(response, status, reason, message);
    });
    expect(await afflux('get', 'brokers')).toEqual({ code: 1, out: '', err: text });
  });

  it('that answers with something else than JSON is not believed', async () => {
    const { afflux } = await withApi((response) => {
      response.end('<html>');
    });
    const { code, err } = await afflux('get', 'brokers');
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*not JSON/);
  });

  it('is shown the token of the environment, and else that in the data directory', async () => {
    const { api } = await withApi((response) => {
      answer(response, 200, list('1'));
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'afflux-token-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    await writeFile(join(dataDir, 'token'), 'from-the-file\n');
    const args = ['get', 'brokers', '--control', api.url, '--data-dir', dataDir];
    await run(args);
    await run(args, { env: { AFFLUX_TOKEN: 'from-the-environment' } });
    await run(['get', 'brokers', '--control', api.url]);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer from-the-file',
      'Bearer from-the-environment',
      undefined,
    ]);
  });
});

describe('which server is meant', () => {
  it.each([
    [['--control', 'ftp://x'], /is not an http or https address/],
    [['--control', 'http://me:hunter2@x'], /must not contain a user or password/],
    [['--control', 'http://x', '--context', 'y'], /--control and --data-dir are for an Afflux/],
    [['--data-dir', 'x', '--kubeconfig', 'y'], /--control and --data-dir are for an Afflux/],
  ])('cannot be said by %j', async (args, message) => {
    const { code, err } = await run(['get', 'brokers', ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).not.toContain('hunter2');
  });

  it('is never a cluster unless somebody says so', async () => {
    const args = ['get', 'brokers', '--control', 'http://127.0.0.1:1'];
    const { err } = await run(args, { env: { KUBECONFIG: '/no/such/file' } });
    expect(err).toContain('cannot reach Afflux');
    expect(err).not.toContain('/no/such/file');
  });

  it('is the cluster of a file when somebody names one', async () => {
    const { code, err } = await run(['get', 'brokers', '--kubeconfig', '/no/such/file']);
    expect(code).toBe(1);
    expect(err).toContain('/no/such/file');
  });
});

describe('afflux get', () => {
  it('reads a list page by page', async () => {
    const { api, afflux } = await withApi((response, { query }) => {
      answer(response, 200, {
        ...list('5', broker(query['continue'] ?? 'first', '1')),
        metadata: { resourceVersion: '5', ...(query['continue'] ? {} : { continue: 'second' }) },
      });
    });
    const { out } = await afflux('get', 'brokers', '-o', 'name');
    expect(out).toBe('broker.eventing.knative.dev/first\nbroker.eventing.knative.dev/second\n');
    expect(api.requests.map(({ query }) => query['limit'])).toEqual(['500', '500']);
  });

  it('begins again without pages when the server forgot the list half-way', async () => {
    const { afflux } = await withApi((response, { query }) => {
      if (query['limit'] === undefined) answer(response, 200, list('5', broker('all', '1')));
      else if (query['continue'] === undefined) {
        answer(response, 200, { ...list('5'), metadata: { resourceVersion: '5', continue: 'x' } });
      } else refuse(response, 410, 'Expired', 'too old');
    });
    expect((await afflux('get', 'brokers', '-o', 'name')).out).toBe(
      'broker.eventing.knative.dev/all\n',
    );
  });

  it('-w goes on where it was when the server ends the watch, and Ctrl-C ends it with 0', async () => {
    const versions: (string | undefined)[] = [];
    const { running } = await withApi((response, { query }) => {
      if (query['watch'] === undefined) {
        answer(response, 200, list('5', broker('a', '4')));
        return;
      }
      versions.push(query['resourceVersion']);
      if (versions.length === 1) response.end(event('MODIFIED', broker('a', '6')));
      else if (versions.length === 2) response.write(event('ADDED', broker('b', '7')));
    });
    const command = running('get', 'brokers', '-w', '-o', 'name');
    await command.printed(/\/b\n/);
    expect(await command.stop()).toBe(0);
    expect(versions).toEqual(['5', '6']);
    expect(command.io.output).toBe(
      ['a', 'a', 'b'].map((name) => `broker.eventing.knative.dev/${name}\n`).join(''),
    );
    expect(command.io.errors).toBe('');
  });

  it('-w begins anew when the server has forgotten the version', async () => {
    let lists = 0;
    const { running } = await withApi((response, { query }) => {
      if (query['watch'] === undefined) {
        lists += 1;
        answer(response, 200, list(String(lists), broker(`from-list-${String(lists)}`, '1')));
      } else if (query['resourceVersion'] === '1') {
        const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
        response.end(event('ERROR', status));
      } else response.flushHeaders();
    });
    const command = running('get', 'brokers', '-w', '-o', 'name');
    await command.printed(/from-list-2/);
    expect(await command.stop()).toBe(0);
  });

  it('-w ends with 1 when the server refuses the watch', async () => {
    const { afflux } = await withApi((response, { query }) => {
      if (query['watch'] === undefined) answer(response, 200, list('5'));
      else refuse(response, 403, 'Forbidden', 'you may not watch');
    });
    expect(await afflux('get', 'brokers', '-w')).toEqual({
      code: 1,
      out: '',
      err: 'Error from server (Forbidden): you may not watch\n',
    });
  });

  it('ends at once with 1 when it is interrupted while the server says nothing', async () => {
    const { api, running } = await withApi(() => undefined);
    const command = running('get', 'brokers');
    await expect.poll(() => api.requests.length).toBe(1);
    expect(await command.stop()).toBe(1);
    expect(command.io.errors).toBe('error: interrupted\n');
  });
});

describe('afflux apply', () => {
  it('tries every object, prints warnings, and ends with 1 when one failed', async () => {
    const { api, afflux } = await withApi((response, { method, path }) => {
      if (method === 'GET') refuse(response, 404, 'NotFound', 'not found');
      else if (path.endsWith('/a')) refuse(response, 422, 'Invalid', 'a is wrong');
      else {
        response.setHeader('warning', '299 - "b is old-fashioned"');
        answer(response, 201, broker('b', '1'));
      }
    });
    const { code, out, err } = await afflux('apply', '-f', await manifest(MANIFEST));
    expect(code).toBe(1);
    expect(out).toBe('broker.eventing.knative.dev/b created\n');
    expect(err).toBe('Warning: b is old-fashioned\nError from server (Invalid): a is wrong\n');
    const [patch] = api.requests.filter(({ method }) => method === 'PATCH');
    expect(patch?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(patch?.query).toEqual({ fieldManager: 'kubectl', fieldValidation: 'Strict' });
    expect(JSON.parse(patch?.body ?? '')).toMatchObject({ metadata: { name: 'a' } });
  });

  it('asks for a dry run, force and another manager when told', async () => {
    const { api, afflux } = await withApi((response, { method }) => {
      answer(response, 200, broker('a', method === 'GET' ? '1' : '2'));
    });
    const flags = [
      '--dry-run=server',
      '--force-conflicts',
      '--field-manager',
      'me',
      '--server-side',
    ];
    const { out } = await afflux('apply', '-f', await manifest(MANIFEST), ...flags);
    expect(api.requests[1]?.query).toMatchObject({
      dryRun: 'All',
      force: 'true',
      fieldManager: 'me',
    });
    expect(out).toContain('broker.eventing.knative.dev/a unchanged (server dry run)\n');
  });

  it('says what can be done about a conflict', async () => {
    const { afflux } = await withApi((response, { method }) => {
      if (method === 'GET') answer(response, 200, broker('a', '1'));
      else refuse(response, 409, 'Conflict', 'Apply failed with 1 conflict');
    });
    const { code, err } = await afflux('apply', '-f', await manifest(MANIFEST));
    expect(code).toBe(1);
    expect(err).toMatch(/^error: Apply failed with 1 conflict\n[^]*--force-conflicts/);
  });

  it('names a kind that the server does not have', async () => {
    const { afflux } = await withApi((response) => {
      answer(response, 200, {});
    });
    const file = await manifest('apiVersion: x.dev/v1\nkind: Nope\nmetadata: { name: a }');
    const { code, err } = await afflux('apply', '-f', file);
    expect(code).toBe(1);
    expect(err).toContain('no matches for kind "Nope" in version "x.dev/v1"');
  });
});

describe('afflux delete', () => {
  it('waits until the object is gone, by watching', async () => {
    let hasWatched = false;
    const { api, running } = await withApi((response, { method, query }) => {
      if (method === 'DELETE') answer(response, 200, broker('a', '2'));
      else if (query['watch'] === undefined) answer(response, 200, list('2', broker('a', '2')));
      else {
        hasWatched = true;
        response.write(event('MODIFIED', broker('a', '3')));
        response.write(event('DELETED', broker('a', '4')));
      }
    });
    const command = running('delete', 'broker', 'a', '--cascade', 'foreground');
    await expect.poll(() => hasWatched).toBe(true);
    expect(await command.ended).toBe(0);
    expect(command.io.output).toBe('broker.eventing.knative.dev "a" deleted\n');
    expect(JSON.parse(api.requests[0]?.body ?? '')).toMatchObject({
      propagationPolicy: 'Foreground',
    });
  });

  it('does not wait for another object of the same name', async () => {
    const { afflux } = await withApi((response, { method }) => {
      if (method === 'DELETE') {
        answer(response, 200, { kind: 'Status', status: 'Success', details: { uid: 'old' } });
      } else answer(response, 200, list('2', broker('a', '2')));
    });
    expect((await afflux('delete', 'broker', 'a')).code).toBe(0);
  });

  it('ends with 1 when the object stays longer than it may', async () => {
    const { afflux } = await withApi((response, { method, query }) => {
      if (method === 'DELETE') answer(response, 200, broker('a', '2'));
      else if (query['watch'] === undefined) answer(response, 200, list('2', broker('a', '2')));
      else response.flushHeaders();
    });
    const { code, err } = await afflux('delete', 'broker', 'a', '--timeout', '10ms');
    expect(code).toBe(1);
    expect(err).toBe('error: timed out waiting for the condition on brokers/a\n');
  });

  it('asks for nothing after the deletion when it need not wait', async () => {
    const { api, afflux } = await withApi((response) => {
      answer(response, 200, broker('a', '2'));
    });
    expect((await afflux('delete', 'broker/a', '--wait=false')).code).toBe(0);
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `DELETE ${BROKERS}/a`,
    ]);
  });
});

describe('a name', () => {
  it.each(['..', '.', 'a%2fb'])('%s cannot become another path', async (name) => {
    const { api, afflux } = await withApi((response) => {
      answer(response, 200, {});
    });
    const { code } = await afflux('delete', 'broker', name);
    expect(code).toBe(1);
    expect(api.requests).toEqual([]);
  });
});

describe('afflux wait', () => {
  it('is interrupted with 1 and a word', async () => {
    let hasWatched = false;
    const { running } = await withApi((response, { path, query }) => {
      if (path === `${BROKERS}/a`) answer(response, 200, broker('a', '1'));
      else if (query['watch'] === undefined) answer(response, 200, list('1', broker('a', '1')));
      else {
        hasWatched = true;
        response.flushHeaders();
      }
    });
    const command = running('wait', 'broker/a', '--for=condition=Ready');
    await expect.poll(() => hasWatched).toBe(true);
    expect(await command.stop()).toBe(1);
    expect(command.io.errors).toBe('error: interrupted\n');
  });
});

describe('afflux logs', () => {
  it('passes text through as it is, whatever the chunks, with the options of the API', async () => {
    const text = Buffer.from('one\ngrün ☃\nlast without newline');
    const { api, afflux } = await withApi((response) => {
      response.write(text.subarray(0, 7));
      setImmediate(() => response.end(text.subarray(7)));
    });
    const flags = ['-c', 'user', '--tail=5', '--since=90s', '--timestamps', '-p', '-n', 'shop'];
    const { code, out } = await afflux('logs', 'pod/orders', ...flags);
    expect({ code, out }).toEqual({ code: 0, out: text.toString() });
    expect(api.requests[0]?.path).toBe('/api/v1/namespaces/shop/pods/orders/log');
    expect(api.requests[0]?.query).toEqual({
      container: 'user',
      tailLines: '5',
      sinceSeconds: '90',
      timestamps: 'true',
      previous: 'true',
    });
  });

  it('-f shows what comes and ends with 0 by Ctrl-C', async () => {
    const { running } = await withApi((response) => {
      response.write('first\n');
    });
    const command = running('logs', 'orders', '-f');
    await command.printed(/first\n/);
    expect(await command.stop()).toBe(0);
    expect(command.io.errors).toBe('');
  });

  it('stops asking when nobody reads', async () => {
    let isClosed = false;
    const { api } = await withApi((response) => {
      response.on('close', () => {
        isClosed = true;
      });
      response.write('first\n');
    });
    const { code } = await run(['logs', 'orders', '-f', '--control', api.url], {
      isReaderGone: true,
    });
    expect(code).toBe(0);
    await expect.poll(() => isClosed).toBe(true);
  });

  it('of a pod that is not there fail as kubectl says it', async () => {
    const { afflux } = await withApi((response) => {
      refuse(response, 404, 'NotFound', 'pods "x" not found');
    });
    expect(await afflux('logs', 'x')).toEqual({
      code: 1,
      out: '',
      err: 'Error from server (NotFound): pods "x" not found\n',
    });
  });

  it.each([
    [['deployment/x'], /logs are those of a pod/],
    [['x', '--since=-5s'], /--since must be greater than 0/],
    [['x', '--since=soon'], /duration/],
  ])('refuse %j', async (args, message) => {
    const { code, err } = await run(['logs', ...args]);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });
});
