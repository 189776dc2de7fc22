import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClusterAccess, ExecPlugin } from './cluster-access.ts';
import { CredentialSource } from './credentials.ts';
import { RestClient } from './rest-client.ts';
import { json, scriptedServer, status, type Answerer } from './testing/scripted-server.ts';
import { tempFiles } from './testing/temp-files.ts';

const ACCESS: ClusterAccess = { server: 'https://x', namespace: 'default', origin: 'a test' };

function source(access: Partial<ClusterAccess>, clock = new FakeClock()): CredentialSource {
  return new CredentialSource({ ...ACCESS, ...access }, clock);
}

const GET = { method: 'GET', path: '/x' } as const;

describe('fixed credentials', () => {
  it.each([
    [{ token: 't' }, 'Bearer t'],
    [{ username: 'ü', password: 'p' }, `Basic ${Buffer.from('ü:p').toString('base64')}`],
    [{}, undefined],
  ])('%j become the header %j', async (access, authorization) => {
    const found = source(access);
    const credentials = await found.get();
    expect(credentials.authorization).toBe(authorization);
    expect(found.refused(credentials)).toBe(false);
  });
});

describe('a token file', () => {
  it('is read again when the last look is a minute old', async () => {
    const directory = await tempFiles({ token: 'one\n' });
    const clock = new FakeClock();
    const tokens = source({ tokenFile: join(directory, 'token'), token: 'unused' }, clock);
    expect((await tokens.get()).authorization).toBe('Bearer one');
    await writeFile(join(directory, 'token'), 'two');
    await clock.advance(60_000);
    expect((await tokens.get()).authorization).toBe('Bearer one');
    await clock.advance(1);
    expect((await tokens.get()).authorization).toBe('Bearer two');
  });

  it('that cannot be read is named', async () => {
    const directory = await tempFiles({});
    await rm(directory, { recursive: true });
    const file = join(directory, 'token');
    await expect(source({ tokenFile: file }).get()).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_CREDENTIALS_FAILED',
      message: `the token file ${file} cannot be read`,
    });
  });
});

describe('a 401', () => {
  async function serve(access: Partial<ClusterAccess>, ...answers: readonly Answerer[]) {
    const server = await scriptedServer(...answers);
    const client = new RestClient({ ...server.access, ...access }, { clock: new FakeClock() });
    onTestFinished(() => client.close());
    return { server, client };
  }

  it('makes the client read the token anew and ask again', async () => {
    const directory = await tempFiles({ token: 'old' });
    const tokenFile = join(directory, 'token');
    const onlyNew: Answerer = (response, seen) => {
      const isNew = seen.headers.authorization === 'Bearer new';
      (isNew ? json({ ok: true }) : status(401, { reason: 'Unauthorized' }))(response);
    };
    const { client, server } = await serve({ tokenFile }, json({}), onlyNew);
    await client.request(GET);
    await writeFile(tokenFile, 'new');
    expect((await client.request({ ...GET, method: 'POST' })).json()).toEqual({ ok: true });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('for the new token, too, is the answer', async () => {
    const directory = await tempFiles({ token: 'old' });
    const { client, server } = await serve(
      { tokenFile: join(directory, 'token') },
      status(401, { reason: 'Unauthorized', message: 'Unauthorized' }),
    );
    await expect(client.request(GET)).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_UNAUTHORIZED',
    });
    expect(server.requests).toHaveLength(2);
  });

  it('for a token that never changes is the answer at once', async () => {
    const { client, server } = await serve({ token: 't' }, status(401));
    await expect(client.request(GET)).rejects.toMatchObject({ status: 401 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a credential program', () => {
  const apiVersion = 'client.authentication.k8s.io/v1';

  function plugin(command: string, fields: Partial<ExecPlugin> = {}): ExecPlugin {
    const env = { PATH: process.env['PATH'] };
    return { apiVersion, command, args: [], env, provideClusterInfo: false, ...fields };
  }

  async function program(script: string, fields: Partial<ExecPlugin> = {}) {
    const directory = await tempFiles({ login: `#!/usr/bin/env node\n${script}` });
    return { directory, exec: plugin(join(directory, 'login'), fields) };
  }

  /** Prints a credential with a status that is an expression of the program. */
  const printing = (expression: string) =>
    `console.log(JSON.stringify({apiVersion: '${apiVersion}', kind: 'ExecCredential', status: ${expression}}))`;

  const failure = { code: 'AFFLUX_KUBERNETES_CREDENTIALS_FAILED' };

  it('is told what it is for and prints a token', async () => {
    const { exec } = await program(
      printing('{token: process.argv[2] + process.env.ADDED + process.env.KUBERNETES_EXEC_INFO}'),
      { args: ['a b;c'], provideClusterInfo: true, clusterConfig: { audience: 'x' } },
    );
    const env = { ...exec.env, ADDED: '+' };
    const { authorization = '' } = await source({ ca: 'PEM', exec: { ...exec, env } }).get();
    expect(authorization).toMatch(/^Bearer a b;c\+/);
    expect(JSON.parse(authorization.slice('Bearer a b;c+'.length))).toEqual({
      apiVersion,
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: {
          server: 'https://x',
          'certificate-authority-data': 'UEVN',
          config: { audience: 'x' },
        },
      },
    });
  });

  it('may print a certificate', async () => {
    const { exec } = await program(
      printing("{clientCertificateData: 'CERT', clientKeyData: 'KEY'}"),
    );
    expect(await source({ exec }).get()).toEqual({
      authorization: undefined,
      cert: 'CERT',
      key: 'KEY',
    });
  });

  it('runs once for requests at the same time, and again shortly before its token expires', async () => {
    const clock = new FakeClock();
    const expirationTimestamp = new Date(clock.now() + 60_000).toISOString();
    const { exec, directory } = await program(
      `require('node:fs').appendFileSync(__dirname + '/runs', 'x');` +
        printing(
          `{token: require('node:fs').readFileSync(__dirname + '/runs', 'utf8'), expirationTimestamp: '${expirationTimestamp}'}`,
        ),
    );
    expect(directory).toMatch(/./);
    const found = source({ exec }, clock);
    const both = await Promise.all([found.get(), found.get()]);
    expect(both.map(({ authorization }) => authorization)).toEqual(['Bearer x', 'Bearer x']);
    await clock.advance(50_000);
    expect((await found.get()).authorization).toBe('Bearer x');
    await clock.advance(1);
    expect((await found.get()).authorization).toBe('Bearer xx');
  });

  it('runs again after its token was refused', async () => {
    const { exec } = await program(
      `require('node:fs').appendFileSync(__dirname + '/runs', 'x');` +
        printing(`{token: require('node:fs').readFileSync(__dirname + '/runs', 'utf8')}`),
    );
    const found = source({ exec });
    expect(found.refused(await found.get())).toBe(true);
    expect((await found.get()).authorization).toBe('Bearer xx');
  });

  it('that is not installed is named, with how to get it', async () => {
    const exec = plugin('afflux-no-such-program', { installHint: 'get it from the shelf' });
    await expect(source({ exec }).get()).rejects.toMatchObject({
      ...failure,
      message:
        'the credential program afflux-no-such-program is not installed or not in PATH: get it from the shelf',
    });
  });

  it.each([
    ["console.error('no login'); process.exit(3)", 'failed: no login'],
    ["console.log('text')", 'printed something that is not JSON'],
    ["console.log('null')", `printed no ExecCredential of ${apiVersion}`],
    [
      "console.log(JSON.stringify({kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1'}))",
      `printed no ExecCredential of ${apiVersion}`,
    ],
    [printing('{}'), 'printed neither a token nor a certificate'],
    [
      printing("{clientKeyData: 'KEY'}"),
      'printed a certificate without a key, or a key without a certificate',
    ],
    ["console.log('x'.repeat(1024 * 1024 + 1))", 'printed more than 1048576 bytes'],
  ])('%j: %s', async (script, problem) => {
    const { exec } = await program(script);
    await expect(source({ exec }).get()).rejects.toMatchObject({
      ...failure,
      message: `the credential program ${exec.command} ${problem}`,
    });
  });

  it('that failed is asked again the next time', async () => {
    const { exec, directory } = await program(
      `if (!require('node:fs').existsSync(__dirname + '/go')) process.exit(1);${printing("{token: 't'}")}`,
    );
    const found = source({ exec });
    await expect(found.get()).rejects.toMatchObject(failure);
    await writeFile(join(directory, 'go'), '');
    expect((await found.get()).authorization).toBe('Bearer t');
  });
});
