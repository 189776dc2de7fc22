import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, recordingLogger } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeAuthority, makeCertificate } from './control-certificate.ts';
import { controlTls, type ControlTls, type ControlTlsOptions } from './control-tls.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'afflux-tls-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Starts one after the other, on one data directory and one clock. */
async function lives() {
  const dataDir = await directory();
  const clock = new FakeClock();
  const start = async (options: Partial<ControlTlsOptions> = {}) => {
    const logger = recordingLogger();
    const tls = await controlTls({
      host: '0.0.0.0',
      dataDir,
      clock,
      logger,
      machine: () => ['laptop', '10.0.0.7'],
      ...options,
    });
    return { tls, lines: logger.lines };
  };
  const file = (name: string): string => join(dataDir, name);
  return { dataDir, clock, start, file };
}

function certificateOf(tls: ControlTls): X509Certificate {
  return new X509Certificate(tls.cert);
}

/** A certificate as somebody else would bring it. */
async function ownFiles(names: readonly string[], nowMs: number) {
  const path = await directory();
  const authority = await makeAuthority(nowMs);
  const certificate = await makeCertificate(authority, names, nowMs);
  const files = { certFile: join(path, 'my.crt'), keyFile: join(path, 'my.key') };
  await writeFile(files.certFile, `# mine\n${certificate.toString()}`);
  await writeFile(files.keyFile, authority.key.export({ type: 'pkcs8', format: 'pem' }));
  return { files, certificate };
}

describe('the certificate', () => {
  it('is for this machine and the server side only, and signed by an authority that signs nothing but such', async () => {
    const { start } = await lives();
    const { tls } = await start({ host: '192.168.1.4', allowedHosts: ['box.example'] });
    const certificate = certificateOf(tls);
    const authority = new X509Certificate(tls.ca);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:192.168.1.4, DNS:box.example, DNS:laptop, IP Address:10.0.0.7',
    );
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(authority.subject).not.toBe(certificate.subject);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(tls.cert).toBe(certificate.toString() + authority.toString());
  });

  it('lives for a year, from an hour ago for clocks that are behind; its authority for ten', async () => {
    const { start, clock } = await lives();
    const { tls } = await start();
    const certificate = certificateOf(tls);
    expect(Date.parse(certificate.validFrom)).toBe(clock.now() - 3_600_000);
    expect(Date.parse(certificate.validTo)).toBe(clock.now() + 365 * DAY_MS);
    expect(Date.parse(new X509Certificate(tls.ca).validTo)).toBe(clock.now() + 3_650 * DAY_MS);
  });

  it('has a number and an authority of its own on every machine', async () => {
    const [one, other] = await Promise.all([(await lives()).start(), (await lives()).start()]);
    expect(certificateOf(one.tls).serialNumber).not.toBe(certificateOf(other.tls).serialNumber);
    expect(new X509Certificate(one.tls.ca).subject).not.toBe(
      new X509Certificate(other.tls.ca).subject,
    );
  });

  it('knows which names it has, and which to call it by', async () => {
    const { start } = await lives();
    const { tls } = await start();
    for (const host of ['localhost', '127.0.0.1', '::1', '10.0.0.7', 'laptop', 'LAPTOP']) {
      expect(tls.covers(host), host).toBe(true);
    }
    for (const host of ['', '10.0.0.8', 'evil.example', 'x.laptop', '::2']) {
      expect(tls.covers(host), host).toBe(false);
    }
    expect(tls.hostFor('none.example', 'laptop')).toBe('laptop');
    expect(tls.hostFor('none.example')).toBe('localhost');
  });
});

describe('without a data directory', () => {
  it('it is another one with each start, and nothing is written', async () => {
    const { start, dataDir } = await lives();
    const first = await start({ dataDir: undefined });
    const second = await start({ dataDir: undefined });
    expect(second.tls.ca).not.toBe(first.tls.ca);
    expect(await readdir(dataDir)).toEqual([]);
  });
});

describe('in a data directory', () => {
  it('it is kept, for its owner alone, and used again without a word', async () => {
    const { start, dataDir, file } = await lives();
    const first = await start();
    expect((await readdir(dataDir)).sort()).toEqual(['tls.crt', 'tls.key']);
    for (const name of ['tls.crt', 'tls.key']) {
      expect((await stat(file(name))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(file('tls.crt'), 'utf8')).toBe(first.tls.cert);
    expect(await readFile(file('tls.key'), 'utf8')).toBe(first.tls.key);
    const second = await start();
    expect([second.tls.cert, second.tls.key]).toEqual([first.tls.cert, first.tls.key]);
    expect([...first.lines, ...second.lines]).toEqual([]);
  });

  it('files that others could read are theirs no more', async () => {
    const { start, file } = await lives();
    await start();
    const { chmod } = await import('node:fs/promises');
    await chmod(file('tls.key'), 0o644);
    await start();
    expect((await stat(file('tls.key'))).mode & 0o777).toBe(0o600);
  });

  it('it is made anew when fewer than 30 days are left, and not a moment before; the authority stays', async () => {
    const { start, clock } = await lives();
    const first = await start();
    await clock.advance(335 * DAY_MS);
    expect((await start()).tls.cert).toBe(first.tls.cert);
    await clock.advance(1);
    const renewed = await start();
    expect(renewed.tls.cert).not.toBe(first.tls.cert);
    expect([renewed.tls.ca, renewed.tls.key]).toEqual([first.tls.ca, first.tls.key]);
    expect(Date.parse(certificateOf(renewed.tls).validTo)).toBeGreaterThan(
      clock.now() + 364 * DAY_MS,
    );
    expect(renewed.lines).toMatchObject([{ level: 'info', fields: { reason: 'it runs out' } }]);
    expect((await start()).tls.cert).toBe(renewed.tls.cert);
  });

  it('it is made anew when its time has not come yet, because the clock was set back', async () => {
    const { start, clock } = await lives();
    const first = await start();
    clock.jumpWallClock(-2 * DAY_MS);
    const second = await start();
    expect(second.tls.ca).not.toBe(first.tls.ca);
    expect(Date.parse(certificateOf(second.tls).validFrom)).toBeLessThan(clock.now());
  });

  it('no certificate outlives its authority', async () => {
    const { start, clock } = await lives();
    const first = await start();
    await clock.advance(3_280 * DAY_MS);
    const second = await start();
    expect(second.tls.ca).toBe(first.tls.ca);
    await clock.advance(340 * DAY_MS);
    const third = await start();
    expect(third.tls.ca).not.toBe(first.tls.ca);
    expect(third.tls.key).not.toBe(first.tls.key);
    expect(await start()).toMatchObject({ tls: { cert: third.tls.cert } });
  });

  it('it is made anew when the machine got another address, which the log names; kubeconfigs stay right', async () => {
    const { start } = await lives();
    const first = await start();
    const second = await start({ machine: () => ['laptop', '10.0.0.8'] });
    expect(second.tls.covers('10.0.0.8')).toBe(true);
    expect(second.tls.ca).toBe(first.tls.ca);
    expect(second.lines).toMatchObject([
      { level: 'info', fields: { reason: 'it lacks 10.0.0.8' } },
    ]);
  });

  it('a name more than needed is no reason for another one', async () => {
    const { start } = await lives();
    const first = await start();
    expect((await start({ machine: () => [] })).tls.cert).toBe(first.tls.cert);
  });

  it('what a crash left half written is no hindrance', async () => {
    const { start, file } = await lives();
    await writeFile(file('tls.crt.new'), 'half', { mode: 0o644 });
    await start();
    expect((await stat(file('tls.crt'))).mode & 0o777).toBe(0o600);
  });
});

describe('damaged files', () => {
  /** What happens to the files between two starts, and what the log says of it. */
  const damages: readonly [string, (file: (name: string) => string) => Promise<void>, RegExp][] = [
    ['an empty certificate', (file) => writeFile(file('tls.crt'), ''), /^tls\.crt is damaged$/],
    ['an empty key', (file) => writeFile(file('tls.key'), ''), /^tls\.key is damaged$/],
    ['a missing certificate', (file) => rm(file('tls.crt')), /^there is no tls\.crt$/],
    ['a missing key', (file) => rm(file('tls.key')), /^there is no tls\.key$/],
    [
      'the key of another',
      async (file) => {
        const { files } = await ownFiles(['localhost'], Date.UTC(2026, 0, 1));
        await writeFile(file('tls.key'), await readFile(files.keyFile));
      },
      /^tls\.key is not the key of tls\.crt$/,
    ],
    [
      'a certificate without its authority',
      async (file) => {
        const text = await readFile(file('tls.crt'), 'utf8');
        await writeFile(file('tls.crt'), text.slice(0, text.indexOf('-----END') + 26));
      },
      /^tls\.crt is damaged$/,
    ],
    [
      'the authority of another',
      async (file) => {
        const { certificate } = await makeAuthority(Date.UTC(2026, 0, 1));
        const text = await readFile(file('tls.crt'), 'utf8');
        const mine = text.slice(0, text.indexOf('-----END') + 26);
        await writeFile(file('tls.crt'), mine + certificate.toString());
      },
      /^the certificates in tls\.crt do not belong together$/,
    ],
    [
      'other bytes in the middle',
      async (file) => {
        const text = await readFile(file('tls.crt'), 'utf8');
        const middle = text.indexOf('\n') + 100;
        await writeFile(file('tls.crt'), `${text.slice(0, middle)}AAAA${text.slice(middle + 4)}`);
      },
      /./,
    ],
    [
      'bytes that are no text',
      (file) => writeFile(file('tls.crt'), Buffer.alloc(2_000, 0xff)),
      /^tls\.crt is damaged$/,
    ],
  ];

  it.each(damages)('%s: both are made anew, and the log says so', async (_what, damage, reason) => {
    const { start, file } = await lives();
    const first = await start();
    await damage(file);
    const second = await start();
    expect(second.tls.ca).not.toBe(first.tls.ca);
    expect(second.tls.covers('10.0.0.7')).toBe(true);
    expect(second.lines).toMatchObject([
      {
        level: 'warn',
        message: 'certificate and authority of the control port are made anew',
        fields: { file: file('tls.crt'), reason: expect.stringMatching(reason) as string },
      },
    ]);
    const third = await start();
    expect([third.tls.cert, third.lines]).toEqual([second.tls.cert, []]);
  });

  it('what cannot be read at all is left alone, and named', async () => {
    const { start, file } = await lives();
    await mkdir(file('tls.crt'));
    await expect(start()).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_TLS',
      message: expect.stringContaining(file('tls.crt')) as string,
    });
  });

  it('a directory that cannot be written is named', async () => {
    const { start } = await lives();
    await expect(start({ dataDir: '/dev/null/none' })).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_TLS',
    });
  });
});

describe('files of the user', () => {
  it('win, are not copied, and are trusted as far as they go', async () => {
    const { start, dataDir, clock } = await lives();
    const { files, certificate } = await ownFiles(['box.example', '10.9.9.9'], clock.now());
    const { tls, lines } = await start({ files });
    expect(tls.isGiven).toBe(true);
    expect([tls.cert, tls.ca]).toEqual([certificate.toString(), certificate.toString()]);
    expect(tls.covers('localhost')).toBe(false);
    expect(tls.hostFor('localhost')).toBe('box.example');
    expect(await readdir(dataDir)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('that have run out are used, and the log says so', async () => {
    const { start, clock } = await lives();
    const { files } = await ownFiles(['box.example'], clock.now() - 400 * DAY_MS);
    const { lines } = await start({ files });
    expect(lines).toMatchObject([
      { level: 'warn', message: 'certificate of the control port is not valid now' },
    ]);
  });

  it.each([
    ['no certificate', 'certFile', '', /certificates in PEM/],
    [
      'a broken certificate',
      'certFile',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      /certificates in PEM/,
    ],
    ['no key', 'keyFile', 'key', /private key in PEM/],
  ] as const)('with %s are refused by name', async (_what, field, text, message) => {
    const { start, clock } = await lives();
    const { files } = await ownFiles(['box.example'], clock.now());
    await writeFile(files[field], text);
    const error: unknown = await start({ files }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'AFFLUX_SERVER_TLS', fault: 'user' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(files[field]);
  });

  it('that do not belong together, or are not there, are refused', async () => {
    const { start, clock } = await lives();
    const { files } = await ownFiles(['box.example'], clock.now());
    const { files: others } = await ownFiles(['box.example'], clock.now());
    for (const wrong of [
      { ...files, keyFile: others.keyFile },
      { ...files, keyFile: '/no/such/key' },
      { ...files, certFile: '/no/such/certificate' },
    ]) {
      await expect(start({ files: wrong })).rejects.toMatchObject({ code: 'AFFLUX_SERVER_TLS' });
    }
  });
});
