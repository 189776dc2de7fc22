import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, start, type FakeIoOptions, type Running } from '../testing/commands.ts';

async function file(name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-dev-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, name), text);
  return join(directory, name);
}

const BROKER = `apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: main
`;
/** Nobody listens there, and the next attempt is far away. */
const DEAD_END = `apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: dead-end
spec:
  broker: main
  subscriber:
    uri: http://127.0.0.1:9/
  delivery:
    retry: 10
    backoffDelay: PT1H
`;
const FREE_PORTS = ['--port', '0', '--control-port', '0'];

interface Dev extends Running {
  readonly eventsUrl: string;
  readonly controlUrl: string;
}

async function startDev(args: readonly string[], options?: FakeIoOptions): Promise<Dev> {
  const running = start(['dev', ...args], options);
  const [, eventsUrl = '', controlUrl = ''] = await running.printed(
    /^ready {2}events (\S+) {2}control (\S+)$/m,
  );
  return { ...running, eventsUrl, controlUrl };
}

/** Sends one event to the broker `main`. */
async function sendTo({ eventsUrl }: Dev): Promise<number> {
  const { statusCode } = await request(`${eventsUrl}/default/main`, {
    method: 'POST',
    headers: { 'ce-specversion': '1.0', 'ce-type': 't', 'ce-source': '/s', 'ce-id': '1' },
  });
  return statusCode;
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port that nobody uses at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  return port;
}

describe('afflux dev', () => {
  it('prints objects, then one line with the addresses, and ends with 0 when interrupted', async () => {
    const dev = await startDev(['-f', await file('broker.yaml', BROKER), ...FREE_PORTS]);
    expect(dev.io.output).toMatch(/^KIND +NAME +READY +REASON +URL\nBroker +default\/main +True /);
    expect(dev.io.output).toContain(`${dev.eventsUrl}/default/main\n`);
    expect((await request(`${dev.controlUrl}/readyz`)).statusCode).toBe(200);
    expect(await dev.stop()).toBe(0);
    expect(dev.io.errors).toContain('stopped: everything accepted was delivered\n');
  });

  it('takes several files and settings from a project file, flags first', async () => {
    const [port, otherPort] = [await freePort(), await freePort()];
    const manifest = await file('a.yaml', BROKER);
    const other = await file('b.yaml', BROKER.replace('main', 'other'));
    const config = await file(
      'afflux.yaml',
      JSON.stringify({
        port: otherPort,
        controlPort: port,
        manifests: [manifest],
        log: { level: 'silent' },
      }),
    );
    const dev = await startDev(['--config', config, '-f', other, '--port', '0']);
    expect(dev.controlUrl).toBe(`http://localhost:${String(port)}`);
    expect(dev.eventsUrl).not.toBe(`http://localhost:${String(otherPort)}`);
    expect(dev.io.output).toMatch(/Broker +default\/main/);
    expect(dev.io.output).toMatch(/Broker +default\/other/);
  });

  it('takes manifests of a project file from where that file is', async () => {
    const manifest = await file('broker.yaml', BROKER);
    const config = join(manifest, '../project.yaml');
    await writeFile(config, 'manifests: [broker.yaml]\n');
    const dev = await startDev(['--config', config, ...FREE_PORTS]);
    expect(dev.io.output).toMatch(/Broker +default\/main/);
  });

  it('takes a certificate of a project file from where that file is', async () => {
    const config = await file(
      'project.yaml',
      'controlTls: { certFile: my.crt, keyFile: my.key }\n',
    );
    const { code, err } = await run(['dev', '--config', config, ...FREE_PORTS]);
    expect(code).toBe(1);
    expect(err).toContain(`${join(config, '../my.crt')}: ENOENT`);
  });

  it('with a token prints the fingerprint of its certificate, and the command for a kubeconfig', async () => {
    const dev = await startDev(FREE_PORTS, { env: { AFFLUX_TOKEN: 'a-token-for-this-test' } });
    expect(dev.controlUrl).toMatch(/^https:\/\/localhost:\d+$/);
    await dev.printed(/^certificate of the control port: SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/m);
    await dev.printed(
      /^AFFLUX_TOKEN=\.\.\. afflux kubeconfig --control https:\S+ > \S+ && kubectl /m,
    );
    expect(dev.io.output).not.toContain('a-token-for-this-test');
  });

  it.each([['--port'], ['--control-port']])(
    'ends with 1 when the port of %s is taken and names port and flag',
    async (flag) => {
      const port = String(await takenPort());
      const args = [...FREE_PORTS.filter((_, index) => FREE_PORTS[index - (index % 2)] !== flag)];
      const { code, out, err } = await run(['dev', ...args, flag, port]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toBe(
        `error: port ${port} is taken: stop what uses it, or choose another with ${flag}\n`,
      );
    },
  );

  it('ends with 1 for a manifest path that is not there', async () => {
    const { code, err } = await run(['dev', ...FREE_PORTS, '-f', '/no/such/directory']);
    expect(code).toBe(1);
    expect(err).toContain('no such file or directory: /no/such/directory');
  });

  it('starts with what is right, and says what is wrong, where a manifest has a mistake', async () => {
    const bad = `${BROKER.replace('main', 'bad')}spec: 7\n`;
    const manifest = await file('x.yaml', `${BROKER}---\n${bad}`);
    const dev = await startDev(['-f', manifest, ...FREE_PORTS]);
    expect(dev.io.errors).toContain('x.yaml:10: Broker default/bad: spec: ');
    expect(dev.io.output).toMatch(/Broker +default\/main +True/);
  });

  it('says that everything is right again after a mistake', async () => {
    const manifest = await file('x.yaml', BROKER);
    const dev = await startDev(['-f', manifest, ...FREE_PORTS]);
    await writeFile(manifest, `${BROKER}spec: 7\n`);
    await dev.printed(/x\.yaml:5: Broker default\/main: spec: /);
    await writeFile(manifest, BROKER);
    await dev.printed(/^no mistakes left in the manifests$/m);
  });

  it('with --data-dir makes brokers durable, says so, and keeps what is not delivered', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'afflux-data-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const manifest = await file('x.yaml', `${BROKER}---\n${DEAD_END}`);
    const dev = await startDev(['--data-dir', directory, '-f', manifest, ...FREE_PORTS]);
    expect(dev.io.output).toContain(`are durable: events are kept in ${directory}`);
    expect(await sendTo(dev)).toBe(202);
    expect(await dev.stop()).toBe(0);
    expect(dev.io.errors).toMatch(
      /kept for the next start: 1 event\(s\)\n {2}default\/main-kne-trigger\/.*: 1\nstopped: nothing is lost\n$/,
    );
    expect((await run(['data', 'stats', directory])).out).toMatch(/dead-end +1 /);
    expect((await run(['data', 'check', directory])).out).toMatch(/ 0 problem\(s\) found\n$/);
    expect((await run(['data', 'compact', directory])).out).toMatch(/ before, .* now\n$/);
  });

  it('refuses a data directory that somebody else has open', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'afflux-data-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    await startDev(['--data-dir', directory, ...FREE_PORTS]);
    for (const args of [
      ['dev', '--data-dir', directory, ...FREE_PORTS],
      ['data', 'check', directory],
    ]) {
      const { code, err } = await run(args);
      expect(code).toBe(1);
      expect(err).toMatch(/^error: the data directory .* is in use by .*: stop it/);
    }
  });

  it('ends with 2 for a channel that lacks its settings', async () => {
    const { code, err } = await run(['dev', ...FREE_PORTS, '--channel', 'kafka']);
    expect(code).toBe(2);
    expect(err).toContain('AFFLUX_KAFKA_BOOTSTRAP_SERVERS');
  });

  it.each([
    ['--port', '65536', 'expected an integer from 0 to 65535'],
    ['--control-port', 'x', 'expected an integer from 0 to 65535'],
    ['--log', 'xml', 'expected one of pretty, json'],
    ['--config', '/no/such/afflux.yaml', 'cannot read the configuration /no/such/afflux.yaml'],
  ])('ends with 2 for %s %s', async (flag, value, message) => {
    const { code, out, err } = await run(['dev', ...FREE_PORTS, flag, value]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it.each([
    ['an unknown key', 'prot: 8080\n', /afflux\.yaml: .*prot.*did you mean port/],
    ['a wrong value', 'port: eighty\n', /afflux\.yaml: port: /],
    [
      'a service that is no address',
      'services: { orders: 9000 }\n',
      /afflux\.yaml: services\.orders/,
    ],
    ['text that is no YAML', 'port: [\n', /afflux\.yaml: /],
  ])('ends with 2 for a project file with %s and names it', async (_what, text, message) => {
    const config = await file('afflux.yaml', text);
    const { code, out, err } = await run(['dev', ...FREE_PORTS, '--config', config]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});
