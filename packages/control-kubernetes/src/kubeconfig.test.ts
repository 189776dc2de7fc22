import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubeconfigPaths, loadClusterAccess, type KubeconfigOptions } from './kubeconfig.ts';
import { tempFiles } from './testing/temp-files.ts';

const CA = '-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n';
const CERT = '-----BEGIN CERTIFICATE-----\ncert\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n';

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A file with one context `main`; cluster and user are written in flow style, which is JSON. */
function config(
  cluster: Readonly<Record<string, unknown>>,
  user: Readonly<Record<string, unknown>> = {},
  context: Readonly<Record<string, unknown>> = {},
): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'current-context: main',
    'clusters:',
    `- {name: c, cluster: ${JSON.stringify({ server: 'https://one:6443', ...cluster })}}`,
    'users:',
    `- {name: u, user: ${JSON.stringify(user)}}`,
    'contexts:',
    `- {name: main, context: ${JSON.stringify({ cluster: 'c', user: 'u', ...context })}}`,
  ].join('\n');
}

async function load(
  files: Readonly<Record<string, string>>,
  options: Partial<KubeconfigOptions> = {},
) {
  const directory = await tempFiles(files);
  const path = options.path === undefined ? undefined : join(directory, options.path);
  return loadClusterAccess({ env: {}, homeDirectory: directory, ...options, path });
}

function loadOne(text: string, options: Partial<KubeconfigOptions> = {}) {
  return load({ 'config.yaml': text }, { path: 'config.yaml', ...options });
}

describe('where a kubeconfig is looked for', () => {
  it('is the named file, else those of KUBECONFIG, else the home directory', () => {
    const env = { KUBECONFIG: ['/a', '', '/b', '/a'].join(delimiter) };
    expect(kubeconfigPaths({ env, homeDirectory: '/h', path: '/x' })).toEqual(['/x']);
    expect(kubeconfigPaths({ env, homeDirectory: '/h' })).toEqual(['/a', '/b']);
    expect(kubeconfigPaths({ env: {}, homeDirectory: '/h' })).toEqual(['/h/.kube/config']);
  });

  it('is said when there is none', async () => {
    await expect(load({})).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_CONFIG_MISSING',
      message: expect.stringContaining('.kube/config does not exist') as string,
    });
    await expect(load({}, { path: 'none' })).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_CONFIG_MISSING',
    });
  });

  it('is the home directory without anything said', async () => {
    const access = await load({ '.kube/config': config({}) });
    expect(access.server).toBe('https://one:6443');
  });
});

describe('several files', () => {
  it('are one: the first entry of a name wins, and files that are missing do not matter', async () => {
    const directory = await tempFiles({
      a: 'current-context: main\nclusters: [{name: c, cluster: {server: "https://a"}}]',
      b: config({ server: 'https://b' }, { token: 't' }),
    });
    const paths = ['none', 'a', 'b'].map((name) => join(directory, name));
    const env = { KUBECONFIG: paths.join(delimiter) };
    const access = await loadClusterAccess({ env, homeDirectory: '/' });
    expect(access).toMatchObject({ server: 'https://a', token: 't' });
    expect(access.origin).toBe(`context "main" of ${join(directory, 'b')}`);
  });
});

describe('a context', () => {
  const two = [
    'contexts:',
    '- {name: one, context: {cluster: c, namespace: team}}',
    '- {name: two, context: {cluster: c}}',
    'clusters: [{name: c, cluster: {server: "https://x/"}}]',
  ].join('\n');

  it('is chosen by name, and has a namespace', async () => {
    expect(await loadOne(two, { context: 'one' })).toMatchObject({ namespace: 'team' });
    expect(await loadOne(two, { context: 'two' })).toMatchObject({ namespace: 'default' });
    const access = await loadOne(two, { context: 'one', namespace: 'mine' });
    expect(access).toMatchObject({ namespace: 'mine', server: 'https://x' });
  });

  it('that is not there is refused, with those that are', async () => {
    await expect(loadOne(two, { context: 'three' })).rejects.toThrow(
      'there is no context "three"; there are one, two',
    );
    await expect(loadOne(two)).rejects.toThrow(
      'current-context: is not set; choose one of one, two',
    );
  });
});

describe('credentials', () => {
  it('may be in the file, or in files beside it', async () => {
    const inside = await loadOne(
      config(
        { 'certificate-authority-data': base64(CA) },
        { 'client-certificate-data': base64(CERT), 'client-key-data': base64(KEY) },
      ),
    );
    const beside = await load(
      {
        'k/config': config(
          { 'certificate-authority': 'pki/ca.pem' },
          { 'client-certificate': 'pki/cert.pem', 'client-key': '../key.pem' },
        ),
        'k/pki/ca.pem': CA,
        'k/pki/cert.pem': CERT,
        'key.pem': KEY,
      },
      { path: 'k/config' },
    );
    for (const access of [inside, beside]) {
      expect(access).toMatchObject({ ca: CA, cert: CERT, key: KEY });
    }
  });

  it('may be a token, a file with one, or a name and password', async () => {
    expect(await loadOne(config({}, { token: 't' }))).toMatchObject({ token: 't' });
    expect((await loadOne(config({}, { tokenFile: 'tok' }))).tokenFile).toMatch(/\/tok$/);
    const user = { username: 'a', password: 'b' };
    expect(await loadOne(config({}, user))).toMatchObject(user);
  });

  it('may come from a program', async () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './bin/login',
      args: ['--x', 'y'],
      env: [{ name: 'REGION', value: 'eu' }],
      interactiveMode: 'IfAvailable',
      provideClusterInfo: true,
      installHint: 'get it',
    };
    const extensions = [
      { name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } },
    ];
    const access = await loadOne(config({ extensions }, { exec }), { env: { PATH: '/bin' } });
    expect(access.exec).toMatchObject({
      args: ['--x', 'y'],
      env: { PATH: '/bin', REGION: 'eu' },
      provideClusterInfo: true,
      clusterConfig: { audience: 'a' },
      installHint: 'get it',
    });
    expect(access.exec?.command).toMatch(/^\/.*\/bin\/login$/);
  });

  it('may say how the server is to be believed', async () => {
    const cluster = { 'tls-server-name': 'kube', 'insecure-skip-tls-verify': true };
    expect(await loadOne(config(cluster))).toMatchObject({
      tlsServerName: 'kube',
      insecureSkipTlsVerify: true,
    });
  });
});

describe('a mistake', () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'x' };
  const unsupported = 'AFFLUX_KUBERNETES_CONFIG_UNSUPPORTED';
  const invalid = 'AFFLUX_KUBERNETES_CONFIG_INVALID';

  it.each([
    [config({ server: 'ftp://x' }), 'clusters[0].cluster.server', invalid],
    [config({ server: 'https://a:b@x' }), 'clusters[0].cluster.server', invalid],
    [config({ server: '' }), 'clusters[0].cluster.server', invalid],
    [config({ server: 7 }), 'clusters[0].cluster.server', invalid],
    [config({ 'proxy-url': 'http://p' }), 'clusters[0].cluster.proxy-url', unsupported],
    [
      config({ 'certificate-authority': '/none.pem' }),
      'clusters[0].cluster.certificate-authority',
      invalid,
    ],
    [
      config({ 'certificate-authority-data': 'bm90IHBlbQ==' }),
      'clusters[0].cluster.certificate-authority-data',
      invalid,
    ],
    [
      config({ 'insecure-skip-tls-verify': true, 'certificate-authority-data': base64(CA) }),
      'clusters[0].cluster.insecure-skip-tls-verify',
      invalid,
    ],
    [
      config({ 'insecure-skip-tls-verify': 'yes' }),
      'clusters[0].cluster.insecure-skip-tls-verify',
      invalid,
    ],
    [config({}, { 'client-certificate-data': base64(CERT) }), 'users[0].user.client-key', invalid],
    [config({}, { 'client-key-data': base64(KEY) }), 'users[0].user.client-certificate', invalid],
    [config({}, { as: 'admin' }), 'users[0].user.as', unsupported],
    [config({}, { 'auth-provider': { name: 'gcp' } }), 'users[0].user.auth-provider', unsupported],
    [config({}, { exec: { ...exec, apiVersion: 'v9' } }), 'users[0].user.exec.apiVersion', invalid],
    [config({}, { exec: { ...exec, command: '' } }), 'users[0].user.exec.command', invalid],
    [config({}, { exec: { ...exec, args: [1] } }), 'users[0].user.exec.args', invalid],
    [config({}, { exec: { ...exec, env: [{}] } }), 'users[0].user.exec.env[0].name', invalid],
    [
      config({}, { exec: { ...exec, interactiveMode: 'Always' } }),
      'users[0].user.exec.interactiveMode',
      unsupported,
    ],
    [config({}, {}, { cluster: 'none' }), 'contexts[0].context.cluster', invalid],
    [config({}, {}, { user: 'none' }), 'contexts[0].context.user', invalid],
    ['contexts: 7\ncurrent-context: x', 'contexts', invalid],
    ['kind: Pod', 'kind', invalid],
  ])('%# is refused with the file and the field', async (text, field, code) => {
    await expect(loadOne(text)).rejects.toMatchObject({
      code,
      details: { field },
      message: expect.stringMatching(/\/config\.yaml: /) as string,
    });
    await expect(loadOne(text)).rejects.toThrow(`${field}: `);
  });

  it('in the YAML is refused with its place, and no line that may hold a secret', async () => {
    const text = 'users: [\n  {token: hush-hush}, "\n';
    const error: unknown = await loadOne(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: invalid });
    expect((error as Error).message).toMatch(/line \d+/);
    expect((error as Error).message).not.toContain('hush');
  });

  it('of writing something that is no map is refused', async () => {
    await expect(loadOne('- a')).rejects.toMatchObject({ code: invalid });
  });
});

describe('in a pod', () => {
  const files = { token: 'tok\n', 'ca.crt': CA, namespace: 'team\n' };
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  it('the service account is used when there is no kubeconfig', async () => {
    const directory = await tempFiles(files);
    const options = { homeDirectory: directory, serviceAccountDirectory: directory };
    expect(await loadClusterAccess({ env, ...options })).toEqual({
      server: 'https://10.0.0.1:443',
      namespace: 'team',
      origin: `the service account in ${directory}`,
      ca: CA,
      tokenFile: join(directory, 'token'),
    });
    const six = { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' };
    const access = await loadClusterAccess({ env: six, namespace: 'x', ...options });
    expect(access).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'x' });
  });

  it('a kubeconfig goes before it', async () => {
    const directory = await tempFiles({ ...files, '.kube/config': config({}) });
    const options = { homeDirectory: directory, serviceAccountDirectory: directory };
    expect((await loadClusterAccess({ env, ...options })).server).toBe('https://one:6443');
  });

  it('without a token there is none', async () => {
    const directory = await tempFiles({ 'ca.crt': CA });
    const options = { homeDirectory: directory, serviceAccountDirectory: directory };
    await expect(loadClusterAccess({ env, ...options })).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_CONFIG_MISSING',
    });
  });

  it('without an authority there is no way to tell the server from somebody else', async () => {
    const directory = await tempFiles({ token: 'tok' });
    const options = { homeDirectory: directory, serviceAccountDirectory: directory };
    await expect(loadClusterAccess({ env, ...options })).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_CONFIG_INVALID',
    });
  });
});
