import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAfflux, type AffluxOptions } from './afflux.ts';
import type { SyncReport } from './manifests/manifest-source.ts';
import { post, startSink } from './testing/sink.ts';
import { broker, configMap, memoryChannel, SYSTEM, trigger } from './testing/store.ts';

const BROKER = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' };

function make(options: AffluxOptions = {}) {
  const afflux = createAfflux({ log: { level: 'silent' }, shutdownGrace: '5s', ...options });
  onTestFinished(async () => {
    await afflux.close();
  });
  return afflux;
}

function subscriber(uri: string) {
  return { subscriber: { uri } };
}

describe('a life', () => {
  it('starts, takes objects, delivers events, closes', async () => {
    const sink = await startSink();
    const afflux = make();
    expect(afflux.state).toBe('idle');
    expect(await afflux.start()).toBe(afflux);
    expect(afflux.state).toBe('running');
    const [main, to] = await afflux.apply([broker(), trigger('t', subscriber(sink.url))]);
    expect(main).toMatchObject({
      status: { address: { url: afflux.brokerUrl('default', 'main') } },
    });
    expect(to).toMatchObject({ status: { subscriberUri: sink.url } });
    expect(await post(afflux.brokerUrl('default', 'main'), 'e-1')).toBe(202);
    await sink.got(1);
    expect(await afflux.close()).toEqual({ left: [], kept: [] });
    expect(afflux.state).toBe('closed');
    await expect(post(afflux.brokerUrl('default', 'main'), 'e-2')).rejects.toThrow();
  });

  it('is ready on its control port once it runs, and has metrics', async () => {
    const afflux = await make().start();
    expect((await fetch(`${afflux.controlUrl}/readyz`)).status).toBe(200);
    expect(await afflux.metrics()).toContain('afflux_');
    await afflux.close();
    await expect(fetch(`${afflux.controlUrl}/readyz`)).rejects.toThrow();
  });

  it('says the version of its package', async () => {
    const file = new URL('../package.json', import.meta.url);
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    const afflux = await make().start();
    const answer = await fetch(`${afflux.controlUrl}/version`);
    expect(await answer.json()).toMatchObject({
      gitVersion: expect.stringMatching(
        new RegExp(`^v1[.]\\d+[.]0[+]afflux-${version}$`),
      ) as string,
    });
  });

  it('two run side by side and know nothing of each other', async () => {
    const [first, second] = [await make().start(), await make().start()];
    await first.apply(broker());
    expect(first.url).not.toBe(second.url);
    await expect(second.get(BROKER, 'default', 'main')).rejects.toMatchObject({
      code: 'AFFLUX_STORE_NOT_FOUND',
    });
  });

  it('close is the same close, however often it is called', async () => {
    const afflux = await make().start();
    expect(afflux.close()).toBe(afflux.close());
    await afflux.close();
  });

  it('one that never started can be closed', async () => {
    const afflux = make();
    expect(await afflux.close()).toEqual({ left: [], kept: [] });
  });

  it('await using closes it', async () => {
    const afflux = make();
    {
      await using running = await afflux.start();
      expect(running.state).toBe('running');
    }
    expect(afflux.state).toBe('closed');
  });

  it('is started once, and takes objects only while it runs', async () => {
    const afflux = make();
    await expect(afflux.apply(broker())).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_STATE',
      message: 'cannot apply: the process is idle',
    });
    await afflux.start();
    await expect(afflux.start()).rejects.toMatchObject({ code: 'AFFLUX_SERVER_STATE' });
    await afflux.close();
    await expect(afflux.start()).rejects.toThrow('cannot start: the process is closed');
    await expect(afflux.apply(broker())).rejects.toThrow('cannot apply: the process is closed');
  });

  it('whose port is taken does not start, and leaves nothing open', async () => {
    const first = await make().start();
    const port = Number(new URL(first.controlUrl).port);
    const second = make({ controlPort: port });
    await expect(second.start()).rejects.toMatchObject({ code: 'AFFLUX_SERVER_LISTEN' });
    expect(second.state).toBe('closed');
    await expect(post(second.brokerUrl('default', 'main'), 'e-1')).rejects.toThrow();
  });

  it('can be closed while it starts, and stays closed', async () => {
    const afflux = make();
    const starting = expect(afflux.start()).rejects.toThrow();
    await afflux.close();
    await starting;
    expect(afflux.state).toBe('closed');
    await expect(post(afflux.brokerUrl('default', 'main'), 'e-1')).rejects.toThrow();
  });

  it('a mistake in its configuration is thrown before anything happens', () => {
    expect(() => make({ shutdownGrace: 'soon' })).toThrow(
      expect.objectContaining({ code: 'AFFLUX_SERVER_CONFIG_INVALID' }),
    );
  });
});

describe('close', () => {
  it('delivers what was accepted before it ends', async () => {
    let answer = (): void => undefined;
    const sink = await startSink((response) => {
      answer = () => response.writeHead(200).end();
    });
    const afflux = await make().start();
    await afflux.apply([broker(), trigger('t', subscriber(sink.url))]);
    await post(afflux.brokerUrl('default', 'main'), 'e-1');
    await sink.got(1);
    const closing = afflux.close();
    answer();
    expect(await closing).toEqual({ left: [], kept: [] });
  });

  it('reports what it could not deliver when a subscriber hangs', async () => {
    const sink = await startSink(() => undefined);
    const afflux = await make({ shutdownGrace: '200ms' }).start();
    await afflux.apply([broker(), trigger('t', subscriber(sink.url))]);
    await post(afflux.brokerUrl('default', 'main'), 'e-1');
    await post(afflux.brokerUrl('default', 'main'), 'e-2');
    await sink.got(2);
    const { left } = await afflux.close();
    expect(left).toMatchObject([{ events: 2 }]);
    expect(left[0]?.subscription).toMatch(/^default\/main-kne-trigger\/./);
  });
});

describe('apply', () => {
  it('takes YAML text of several objects, of which the later may need the earlier', async () => {
    const afflux = await make().start();
    const text = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: main }
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: t }
spec: { broker: main, subscriber: { uri: 'http://localhost:1/' } }
`;
    await afflux.apply(text);
    expect(afflux.objects()).toMatchObject([
      { kind: 'Broker', namespace: 'default', name: 'main', ready: 'True' },
      { kind: 'Trigger', namespace: 'default', name: 't', ready: 'True' },
      { kind: 'InMemoryChannel', name: 'main-kne-trigger', ready: 'True' },
    ]);
  });

  it('resolves a Service by the mapping of the configuration', async () => {
    const afflux = await make({ services: { 'default/orders': 'http://localhost:9000' } }).start();
    const ref = { apiVersion: 'v1', kind: 'Service', name: 'orders' };
    const [, to] = await afflux.apply([broker(), trigger('t', { subscriber: { ref } })]);
    expect(to).toMatchObject({ status: { subscriberUri: 'http://localhost:9000' } });
  });

  it('names every mistake, and keeps the objects that are right', async () => {
    const afflux = await make().start();
    const applying = afflux.apply([
      trigger('first', { subscribr: {} }),
      broker(),
      trigger('second', { delivery: { backoffDelay: 'soon' } }),
    ]);
    await expect(applying).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_OBJECT_INVALID',
      fault: 'user',
      message: expect.stringMatching(
        /Trigger first: spec\.subscribr.*\nTrigger second: spec\.delivery\.backoffDelay/s,
      ) as string,
    });
    expect(await afflux.get(BROKER, 'default', 'main')).toMatchObject(BROKER);
  });

  it('says in which line a text is no YAML, and applies nothing of it', async () => {
    const afflux = await make().start();
    await expect(afflux.apply('kind: Broker\nmetadata: {\n')).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_OBJECT_INVALID',
      message: expect.stringMatching(/^line \d+: /) as string,
    });
  });

  it('a ConfigMap before a Broker in one call holds for the Broker', async () => {
    const afflux = await make().start();
    const defaults = `
clusterDefault:
  brokerClass: MTChannelBasedBroker
  apiVersion: v1
  kind: ConfigMap
  name: config-br-default-channel
  namespace: ${SYSTEM}
  delivery: {retry: 1}
`;
    const [, main] = await afflux.apply([
      configMap('config-br-defaults', SYSTEM, { 'default-br-config': defaults }),
      broker(),
    ]);
    expect((main?.spec as { delivery: unknown }).delivery).toEqual({ retry: 1 });
  });

  it('an object that is removed takes what it owns with it', async () => {
    const afflux = await make().start();
    await afflux.apply(broker());
    await afflux.remove({ ...BROKER, namespace: 'default', name: 'main' });
    await expect.poll(() => afflux.objects()).toEqual([]);
    expect(await post(afflux.brokerUrl('default', 'main'), 'e-1')).toBe(404);
  });

  it('a broker that is made anew while an event is under way serves its triggers', async () => {
    let answer = (): void => undefined;
    const sink = await startSink((response) => {
      if (sink.ids.length > 1) response.writeHead(200).end();
      else answer = () => response.writeHead(200).end();
    });
    const afflux = await make().start();
    await afflux.apply([broker(), trigger('t', subscriber(sink.url))]);
    await post(afflux.brokerUrl('default', 'main'), 'e-1');
    await sink.got(1);
    await afflux.remove({ ...BROKER, namespace: 'default', name: 'main' });
    await afflux.apply(broker());
    answer();
    await expect.poll(() => post(afflux.brokerUrl('default', 'main'), 'e-2')).toBe(202);
    await sink.got(2);
  });

  it('a channel is at its address', async () => {
    const afflux = await make().start();
    const [stored] = await afflux.apply(memoryChannel('c'));
    expect(stored).toMatchObject({
      status: { address: { url: afflux.channelUrl('default', 'c') } },
    });
    expect(await post(afflux.channelUrl('default', 'c'), 'e-1')).toBe(202);
  });
});

describe('manifest files', () => {
  it('are reconciled when start resolves, and reported', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'afflux-server-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'a.yaml'), `${JSON.stringify(broker())}\n---\nkind: Nothing\n`);
    const reports: SyncReport[] = [];
    const afflux = make({
      manifests: [directory],
      watch: false,
      onSync: (report) => reports.push(report),
    });
    await afflux.start();
    expect(afflux.objects()).toMatchObject([
      { kind: 'Broker', name: 'main', ready: 'True', url: afflux.brokerUrl('default', 'main') },
      { kind: 'InMemoryChannel' },
    ]);
    expect(reports).toMatchObject([{ applied: [{ name: 'main' }], issues: [{ line: 3 }] }]);
  });

  it('of a path that does not exist keep it from starting, and leave nothing open', async () => {
    const afflux = make({ manifests: ['/nonexistent/afflux'] });
    await expect(afflux.start()).rejects.toMatchObject({ code: 'AFFLUX_SERVER_MANIFEST_PATH' });
    expect(afflux.state).toBe('closed');
    await expect(post(afflux.brokerUrl('default', 'main'), 'e-1')).rejects.toThrow();
  });
});

describe('the address of the control port', () => {
  const TOKEN = 'a-token-for-this-test';

  async function directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'afflux-control-'));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** Status of `/version`, of who calls by this name. */
  function call(url: string, ca: string | undefined, host: string): Promise<number | undefined> {
    const headers = { host, authorization: `Bearer ${TOKEN}` };
    const options = { ca, headers, agent: false, servername: 'localhost' };
    return new Promise((resolve, reject) => {
      const asked = request(new URL('/version', url), options, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject).end();
    });
  }

  it('is http on loopback, without a certificate or a file of one', async () => {
    const dataDir = await directory();
    const afflux = await make({ dataDir }).start();
    expect(afflux.controlUrl).toMatch(/^http:\/\/localhost:\d+$/);
    expect([afflux.controlToken, afflux.controlCa]).toEqual([undefined, undefined]);
    await expect(readFile(join(dataDir, 'tls.crt'))).rejects.toThrow('ENOENT');
  });

  it.each([
    [{ controlToken: TOKEN }, /^https:\/\/localhost:\d+$/],
    [{ host: '0.0.0.0', controlToken: TOKEN }, /^https:\/\/localhost:\d+$/],
  ])('is https with a token, by a name of the certificate: %j', async (options, url) => {
    const afflux = await make(options).start();
    expect(afflux.controlUrl).toMatch(url);
    const { host } = new URL(afflux.controlUrl);
    expect(await call(afflux.controlUrl, afflux.controlCa, host)).toBe(200);
  });

  it('is one of a certificate that the user gave, and callers may use all of its names', async () => {
    const given = await directory();
    const maker = await make({
      controlToken: TOKEN,
      dataDir: given,
      ingress: { allowedHosts: ['box.example'] },
    }).start();
    const { controlCa } = maker;
    await maker.close();
    const controlTls = { certFile: join(given, 'tls.crt'), keyFile: join(given, 'tls.key') };
    const afflux = await make({ controlToken: TOKEN, controlTls }).start();
    expect(afflux.controlCa).toBe(controlCa);
    expect(await call(afflux.controlUrl, controlCa, 'box.example:1')).toBe(200);
    expect(await call(afflux.controlUrl, controlCa, 'evil.example')).toBe(403);
  });

  it('is refused with a certificate that cannot be used, before anything listens', async () => {
    const controlTls = { certFile: '/no/such/file', keyFile: '/no/such/file' };
    await expect(make({ controlTls }).start()).rejects.toMatchObject({
      code: 'AFFLUX_SERVER_TLS',
      message: expect.stringContaining('/no/such/file') as string,
    });
  });
});
