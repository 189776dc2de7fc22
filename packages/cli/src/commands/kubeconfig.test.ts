import { chmod, lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { run } from '../testing/commands.ts';
import { CERTIFICATE } from '../testing/certificate.ts';

const MINE = `# my clusters
apiVersion: v1
kind: Config
clusters:
- name: prod # careful
  cluster: { server: "https://prod" }
contexts:
- name: prod
  context: { cluster: prod, user: me }
current-context: prod
users:
- name: me
  user: { token: secret }
`;

interface Config {
  readonly 'current-context': string;
  readonly clusters: readonly { name: string; cluster: { server: string } }[];
  readonly users: readonly { name: string; user: { token?: string } }[];
  readonly contexts: readonly { name: string; context: { namespace?: string } }[];
}

async function home(text?: string): Promise<{ directory: string; file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-kubeconfig-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'config');
  if (text !== undefined) await writeFile(file, text, { mode: 0o640 });
  return { directory, file };
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('afflux kubeconfig', () => {
  it('prints a file of its own that kubectl can use as it is', async () => {
    const { code, out, err } = await run(['kubeconfig', '-n', 'shop']);
    expect(code).toBe(0);
    const config = parse(out) as Config;
    expect(config['current-context']).toBe('afflux');
    expect(config.clusters).toEqual([
      {
        name: 'afflux',
        cluster: { server: 'http://127.0.0.1:8081', 'insecure-skip-tls-verify': true },
      },
    ]);
    expect(config.users).toEqual([{ name: 'afflux', user: {} }]);
    expect(config.contexts[0]?.context.namespace).toBe('shop');
    expect(err).toContain('kubectl --kubeconfig');
  });

  it('--write adds to the first file of KUBECONFIG, and leaves everything else as it is', async () => {
    const { file } = await home(MINE);
    const env = { KUBECONFIG: `${file}:/no/other` };
    const { code, out } = await run(['kubeconfig', '--write'], { env });
    expect(code).toBe(0);
    expect(out).toBe(
      `wrote context afflux in ${file}\nuse it: kubectl --context afflux get brokers\n`,
    );
    const text = await readFile(file, 'utf8');
    for (const line of MINE.trimEnd().split('\n')) expect(text).toContain(`${line}\n`);
    expect((parse(text) as Config)['current-context']).toBe('prod');
    expect(await modeOf(file)).toBe(0o640);
  });

  it('--write without KUBECONFIG makes ~/.kube/config for its owner alone', async () => {
    const { directory } = await home();
    const { code } = await run(['kubeconfig', '--write'], { env: { HOME: directory } });
    expect(code).toBe(0);
    expect(await modeOf(join(directory, '.kube'))).toBe(0o700);
    expect(await modeOf(join(directory, '.kube/config'))).toBe(0o600);
  });

  it('--use makes it the current context', async () => {
    const { file } = await home(MINE);
    const { out } = await run(['kubeconfig', '--file', file, '--use']);
    expect((parse(await readFile(file, 'utf8')) as Config)['current-context']).toBe('afflux');
    expect(out).toContain('from now on');
  });

  it('written twice replaces its own entry and says when nothing changes', async () => {
    const { file } = await home(MINE);
    const write = (...args: string[]) => run(['kubeconfig', '--file', file, ...args]);
    await write('--control', 'http://127.0.0.1:1111');
    await write('--control', 'http://127.0.0.1:2222');
    const text = await readFile(file, 'utf8');
    expect((parse(text) as Config).clusters.map(({ cluster }) => cluster.server)).toEqual([
      'https://prod',
      'http://127.0.0.1:2222',
    ]);
    expect((await write('--control', 'http://127.0.0.1:2222')).out).toMatch(/^already there: /);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('reads the token in the data directory and warns when others may read it', async () => {
    const { directory, file } = await home(MINE);
    await writeFile(join(directory, 'token'), 'from-the-data-directory\n');
    await writeFile(join(directory, 'tls.crt'), CERTIFICATE);
    await chmod(file, 0o644);
    const { err } = await run(['kubeconfig', '--file', file, '--data-dir', directory]);
    const config = parse(await readFile(file, 'utf8')) as Config;
    expect(config.users[1]?.user.token).toBe('from-the-data-directory');
    expect(err).toContain('others may read');
    expect(err).not.toContain('from-the-data-directory');
  });

  it('changes what a link points to, and keeps the link', async () => {
    const { directory, file } = await home(MINE);
    const link = join(directory, 'link');
    await symlink('config', link);
    const { out } = await run(['kubeconfig', '--file', link]);
    expect(out).toContain(`${link} (${file})`);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toContain('afflux');
  });

  it('does not overwrite a cluster that happens to have its name and as little in it', async () => {
    const theirs = MINE.replace(
      'server: "https://prod"',
      `server: "https://prod", certificate-authority-data: ${Buffer.from(CERTIFICATE).toString('base64')}`,
    ).replace(/- name: prod # careful/, '- name: afflux');
    const { file } = await home(theirs);
    const { code, err } = await run(['kubeconfig', '--file', file]);
    expect(code).toBe(1);
    expect(err).toContain('did not write');
    expect(await readFile(file, 'utf8')).toBe(theirs);
  });

  it('does not overwrite a cluster that happens to have its name', async () => {
    const theirs = MINE.replace('token: secret', 'client-key: /k').replaceAll(
      /: me\b/g,
      ': afflux',
    );
    const { file } = await home(theirs);
    const { code, err } = await run(['kubeconfig', '--file', file]);
    expect(code).toBe(1);
    expect(err).toContain('did not write');
    expect(await readFile(file, 'utf8')).toBe(theirs);
  });

  it('leaves a file alone that another program is changing', async () => {
    const { file } = await home(MINE);
    await writeFile(`${file}.lock`, '');
    const { code, err } = await run(['kubeconfig', '--file', file]);
    expect(code).toBe(1);
    expect(err).toContain(`${file}.lock is there`);
    expect(await readFile(file, 'utf8')).toBe(MINE);
    expect(await modeOf(`${file}.lock`)).not.toBe(0);
  });

  it('leaves a file alone that is no kubeconfig, and no lock behind', async () => {
    const { file } = await home('kind: Pod\n');
    const { code, err } = await run(['kubeconfig', '--file', file]);
    expect(code).toBe(1);
    expect(err).toContain('Config');
    expect(await readFile(file, 'utf8')).toBe('kind: Pod\n');
    await expect(stat(`${file}.lock`)).rejects.toThrow('ENOENT');
  });
});
