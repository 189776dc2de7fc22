/** What `afflux dev` says when it starts, and when it cannot. */
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { directoryWith, runCommand, startDev, takenPort } from './command.ts';

const FREE_PORTS = ['--port', '0', '--control-port', '0'];

describe('afflux dev', () => {
  it('takes files and directories of YAML and JSON, shows every object, and is ready', async () => {
    const directory = await directoryWith({
      'broker.yaml': brokerYaml(),
      'more/deeper/triggers.yml':
        triggerYaml({ name: 'one', uri: 'http://localhost:9000/one' }) +
        triggerYaml({ name: 'two', uri: 'http://localhost:9000/two' }),
      'more/other.json': JSON.stringify({
        apiVersion: 'eventing.knative.dev/v1',
        kind: 'Broker',
        metadata: { name: 'other' },
      }),
      'more/notes.txt': 'no manifest',
      'single.yaml': triggerYaml({ name: 'three', broker: 'none', uri: 'http://localhost:9000/' }),
    });
    const { process, eventsUrl, controlUrl } = await startDev(
      ['-f', 'broker.yaml', '-f', 'more', '-f', 'single.yaml'],
      { cwd: directory },
    );
    const lines = process.output.split('\n');
    expect(lines[0]).toMatch(/^KIND +NAME +READY +REASON +URL$/);
    for (const [kind, name, ready, url] of [
      ['Broker', 'main', 'True', `${eventsUrl}/default/main`],
      ['Broker', 'other', 'True', `${eventsUrl}/default/other`],
      ['Trigger', 'one', 'True', 'http://localhost:9000/one'],
      ['Trigger', 'two', 'True', 'http://localhost:9000/two'],
    ] as const) {
      expect(lines).toContainEqual(
        expect.stringMatching(new RegExp(`^${kind} +default/${name} +${ready} +${url}$`)),
      );
    }
    const waiting = lines.findIndex((line) => line.startsWith('Trigger') && line.includes('three'));
    expect(lines[waiting]).toMatch(/default\/three +(False|Unknown) +\w+/);
    expect(lines[waiting + 1]).toMatch(/^ {2}.*none/);
    expect(process.errors).not.toContain('error:');
    const { statusCode, body } = await request(`${controlUrl}/readyz`);
    expect({ statusCode, body: await body.json() }).toMatchObject({
      statusCode: 200,
      body: { status: 'ready' },
    });
    for (const path of ['/healthz', '/metrics']) {
      expect((await request(`${controlUrl}${path}`)).statusCode).toBe(200);
    }
  });

  it('runs what is right beside a file with a mistake, which it names at the start', async () => {
    const directory = await directoryWith({
      'broker.yaml': brokerYaml(),
      'bad.yaml': `apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: orders
spec:
  broker: main
  filtrs: []
  subscriber:
    uri: http://localhost:9000
`,
    });
    const { process } = await startDev(['-f', directory], { cwd: directory });
    expect(process.errors).toContain(
      'error: bad.yaml:7: Trigger default/orders: spec.filtrs: unknown field "filtrs", did you mean "filters"?\n',
    );
    expect(process.output).toMatch(/Broker +default\/main +True/);
    expect(process.output).not.toContain('default/orders');
  });

  it.each([['--port'], ['--control-port']])(
    'ends with 1 when the port of %s is taken and says which and the flag to change it',
    async (flag) => {
      const port = String(await takenPort());
      const ports = ['--port', '--control-port'].flatMap((name) => [
        name,
        name === flag ? port : '0',
      ]);
      const result = await runCommand(['dev', ...ports]);
      expect(result).toEqual({
        code: 1,
        out: '',
        err: `error: port ${port} is taken: stop what uses it, or choose another with ${flag}\n`,
      });
    },
  );

  it('ends with 1 for a manifest path that is not there, and with 2 for a flag that is not', async () => {
    expect(await runCommand(['dev', ...FREE_PORTS, '-f', '/no/such/path'])).toEqual({
      code: 1,
      out: '',
      err: 'error: no such file or directory: /no/such/path\n',
    });
    expect(await runCommand(['dev', '--no-such-flag'])).toMatchObject({ code: 2 });
  });
});
