/** Commands against a control port that asks for a token, and so speaks TLS: whom they trust, and what they say. */
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAfflux, type Afflux, type AffluxOptions } from '@afflux/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { CERTIFICATE, OTHER_CERTIFICATE, OTHER_KEY } from '../testing/certificate.ts';
import { run, type Result } from '../testing/commands.ts';

const TOKEN = 'a-token-for-these-tests';

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'afflux-cli-tls-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

interface Started {
  readonly afflux: Afflux;
  readonly dataDir: string;
  /** Runs a command against it, with nothing but the token known. */
  readonly run: (
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Result>;
}

async function startSecure(options: AffluxOptions = {}): Promise<Started> {
  const dataDir = await directory();
  const afflux = createAfflux({
    controlToken: TOKEN,
    dataDir,
    log: { level: 'silent' },
    shutdownGrace: 0,
    ...options,
  });
  onTestFinished(async () => {
    await afflux.close();
  });
  await afflux.start();
  return {
    afflux,
    dataDir,
    run: (args, env) =>
      run([...args, '--control', afflux.controlUrl], { env: { AFFLUX_TOKEN: TOKEN, ...env } }),
  };
}

interface Config {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users: readonly { readonly user: { readonly token?: string } }[];
}

function caOf(text: string): string {
  const [entry] = (parse(text) as Config).clusters;
  return Buffer.from(entry?.cluster['certificate-authority-data'] ?? '', 'base64').toString();
}

function serverOf(text: string): string | undefined {
  return (parse(text) as Config).clusters[0]?.cluster.server;
}

describe.each([
  ['get', ['get', 'namespaces']],
  ['dlq', ['dlq', 'list']],
])('afflux %s over https', (_name, command) => {
  it('trusts the authority in the data directory, and finds the token there', async () => {
    const { afflux, dataDir } = await startSecure({ controlToken: undefined, host: '0.0.0.0' });
    const args = [...command, '--control', afflux.controlUrl, '--data-dir', dataDir];
    expect(await run(args)).toMatchObject({ code: 0 });
  });

  it('trusts the file that AFFLUX_CA names, before that in the data directory', async () => {
    const secure = await startSecure();
    const ca = join(secure.dataDir, 'tls.crt');
    expect(await secure.run(command, { AFFLUX_CA: ca })).toMatchObject({ code: 0 });
    const other = join(await directory(), 'other.crt');
    await writeFile(other, CERTIFICATE);
    const args = [...command, '--data-dir', secure.dataDir];
    expect((await secure.run(args, { AFFLUX_CA: other })).err).toMatch(/is not known/);
  });

  it('trusts nobody else, and says what to do', async () => {
    const { run: runSecure, afflux } = await startSecure();
    const { code, out, err } = await runSecure(command);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `error: the certificate of ${afflux.controlUrl} is not known: name the data directory of that Afflux with --data-dir, or a file with its certificate (tls.crt in the data directory) in AFFLUX_CA\n`,
    );
  });

  it('says so when the certificate is for other names', async () => {
    const { files } = await otherNames();
    const { afflux } = await startSecure({ controlTls: files });
    const control = afflux.controlUrl.replace(/\/\/[^:]+/, '//127.0.0.1');
    const { code, err } = await run([...command, '--control', control], {
      env: { AFFLUX_TOKEN: TOKEN, AFFLUX_CA: files.certFile },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/is for other names .*box\.example/);
  });

  it.each([
    ['/no/such/file', /there is no file \/no\/such\/file, which AFFLUX_CA names/],
    ['/', /cannot read the certificates of AFFLUX_CA in \/ \(EISDIR\)/],
    ['/dev/null', /\/dev\/null has no certificate in PEM, or a damaged one/],
  ])('refuses AFFLUX_CA=%s', async (file, message) => {
    const args = [...command, '--control', 'https://127.0.0.1:1'];
    const { code, err } = await run(args, { env: { AFFLUX_CA: file } });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

/** A certificate that somebody else made, for another machine. */
async function otherNames() {
  const path = await directory();
  const files = { certFile: join(path, 'my.crt'), keyFile: join(path, 'my.key') };
  await writeFile(files.certFile, OTHER_CERTIFICATE);
  await writeFile(files.keyFile, OTHER_KEY);
  return { files };
}

describe('afflux kubeconfig', () => {
  it('has the address, the token and the authority of a data directory, without asking anybody', async () => {
    const { afflux, dataDir } = await startSecure({ controlToken: undefined, host: '0.0.0.0' });
    const { controlUrl, controlCa, controlToken } = afflux;
    await afflux.close();
    const args = ['kubeconfig', '--control', controlUrl, '--data-dir', dataDir];
    const { code, out } = await run(args);
    expect(code).toBe(0);
    expect(serverOf(out)).toBe(controlUrl);
    expect(caOf(out)).toBe(controlCa);
    expect((parse(out) as Config).users[0]?.user.token).toBe(controlToken?.token);
  });

  it('asks the port for its certificate, and shows its fingerprint, where no directory is given', async () => {
    const { afflux, run: runSecure } = await startSecure();
    const { code, out, err } = await runSecure(['kubeconfig']);
    expect(code).toBe(0);
    expect(caOf(out)).toBe(afflux.controlCa);
    const { fingerprint256 } = new X509Certificate(afflux.controlCa ?? '');
    expect(err).toContain(`\nSHA-256 ${fingerprint256}\n`);
    expect(err).not.toContain(TOKEN);
  });

  it('makes https of http, because kubectl would keep the token to itself, and says so', async () => {
    const { afflux } = await startSecure();
    const control = afflux.controlUrl.replace('https:', 'http:');
    const { out, err } = await run(['kubeconfig', '--control', control], {
      env: { AFFLUX_TOKEN: TOKEN },
    });
    expect(serverOf(out)).toBe(afflux.controlUrl);
    expect(err).toContain(`kubectl sends a token over https only: ${afflux.controlUrl} it is\n`);
  });

  it('--write replaces its own entry, also when the certificate has changed', async () => {
    const { afflux, run: runSecure } = await startSecure();
    const file = join(await directory(), 'config');
    expect((await runSecure(['kubeconfig', '--file', file])).code).toBe(0);
    expect((await runSecure(['kubeconfig', '--file', file])).out).toMatch(/^already there: /);
    const next = await startSecure();
    expect((await next.run(['kubeconfig', '--file', file])).code).toBe(0);
    const text = await readFile(file, 'utf8');
    expect([serverOf(text), caOf(text)]).toEqual([next.afflux.controlUrl, next.afflux.controlCa]);
    expect(text).not.toContain(afflux.controlUrl);
  });

  it('refuses a certificate for other names', async () => {
    const { files } = await otherNames();
    const { afflux } = await startSecure({ controlTls: files });
    const control = afflux.controlUrl.replace(/\/\/[^:]+/, '//127.0.0.1');
    const { code, out, err } = await run(['kubeconfig', '--control', control]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/is for other names .*box\.example/);
  });

  it('refuses to guess where nothing listens, or nothing speaks TLS', async () => {
    const env = { AFFLUX_TOKEN: TOKEN };
    const nobody = await run(['kubeconfig', '--control', 'https://127.0.0.1:1'], { env });
    expect(nobody.code).toBe(1);
    expect(nobody.err).toContain('(nothing listens there): is that Afflux running?');
    const plain = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void plain.close());
    const { port } = plain.address() as AddressInfo;
    const control = `https://127.0.0.1:${String(port)}`;
    const spoken = await run(['kubeconfig', '--control', control], { env });
    expect([spoken.code, spoken.out]).toEqual([1, '']);
    expect(spoken.err).toContain('(it does not speak TLS)');
  });
});
