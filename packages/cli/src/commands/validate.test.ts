import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../testing/commands.ts';

/** A directory with these files, by path. */
async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-validate-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

const BROKER = `apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: main
`;

function trigger(spec: string, kind = 'Trigger'): string {
  return `# A comment, so that lines are not counted by luck.
apiVersion: eventing.knative.dev/v1
kind: ${kind}
metadata:
  name: orders
  namespace: shop
spec:
${spec}
`;
}

const GOOD = trigger('  broker: main\n  subscriber:\n    uri: http://localhost:9000');

describe('afflux validate', () => {
  it('names each object of files and directories and ends with 0', async () => {
    const directory = await directoryWith({ 'a/broker.yaml': BROKER, 'trigger.yml': GOOD });
    const json = await directoryWith({
      'broker.json': JSON.stringify({
        apiVersion: 'eventing.knative.dev/v1',
        kind: 'Broker',
        metadata: { name: 'other' },
      }),
    });
    const result = await run(['validate', '-f', directory, '-f', join(json, 'broker.json')]);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out.split('\n').sort()).toEqual([
      '',
      'valid Broker default/main',
      'valid Broker default/other',
      'valid Trigger shop/orders',
    ]);
  });

  it.each([
    [
      'an unknown field',
      GOOD.replace('broker: main', 'brokr: main\n  broker: main'),
      ':8: Trigger shop/orders: spec.brokr: unknown field "brokr", did you mean "broker"?',
    ],
    [
      'a wrong type',
      GOOD.replace('broker: main', 'broker: 7'),
      ':8: Trigger shop/orders: spec.broker: expected a string, found the number 7',
    ],
    [
      'an unknown kind',
      trigger('  broker: main', 'Triger'),
      ':3: Triger shop/orders: kind: no matches for kind "Triger" in version "eventing.knative.dev/v1", did you mean "Trigger"?',
    ],
    [
      'a value against the rules',
      GOOD.replace('spec:\n', 'spec:\n  delivery:\n    retry: -1\n'),
      ':9: Trigger shop/orders: spec.delivery.retry: ',
    ],
    [
      'an expression that cannot be parsed',
      GOOD.replace('spec:\n', 'spec:\n  filters:\n    - cesql: "type = )"\n'),
      ':9: Trigger shop/orders: spec.filters[0].cesql: ',
    ],
    ['text that is no YAML', `${BROKER}spec: [`, ':5: '],
  ])('names file, line, object, field and expectation of %s', async (_what, text, expected) => {
    const directory = await directoryWith({ 'x.yaml': text });
    const { code, out, err } = await run(['validate', '-f', directory]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: \S+x\.yaml:\d+: /);
    expect(err).toContain(`x.yaml${expected}`);
    expect(err).toMatch(/\n1 problem\(s\) found\n$/);
  });

  it('names the second object of the same name, and where the first is', async () => {
    const directory = await directoryWith({ 'a.yaml': BROKER, 'b.yaml': `# second\n${BROKER}` });
    const { code, out, err } = await run(['validate', '-f', directory]);
    expect(code).toBe(1);
    expect(out).toBe('valid Broker default/main\n');
    expect(err).toContain('b.yaml:2: Broker default/main: metadata.name: ');
    expect(err).toContain('a.yaml:1');
  });

  it('reports every mistake of every file in one go', async () => {
    const directory = await directoryWith({
      'a.yaml': `${trigger('  brokr: main\n  brker: main')}---\n${trigger('  broker: 7')}`,
      'b.yaml': BROKER.replace('kind: Broker', 'kind: Brokr'),
    });
    const { err } = await run(['validate', '-f', directory]);
    for (const field of ['spec.brokr', 'spec.brker', 'Brokr default/main']) {
      expect(err).toContain(field);
    }
    expect(err.match(/^error: /gm)?.length).toBeGreaterThanOrEqual(4);
  });

  it('knows the feature flags of a config map beside the objects', async () => {
    const features = `apiVersion: v1
kind: ConfigMap
metadata:
  name: config-features
  namespace: knative-eventing
data:
  delivery-timeout: sometimes
`;
    const directory = await directoryWith({ 'x.yaml': features });
    const { code, err } = await run(['validate', '-f', directory]);
    expect(code).toBe(1);
    expect(err).toMatch(/x\.yaml:\d+: ConfigMap knative-eventing\/config-features: .*sometimes/);
  });

  it('ends with 2 when it is not said what to check, with 1 when it is not there', async () => {
    expect(await run(['validate'])).toMatchObject({
      code: 2,
      err: 'error: name what to check: -f FILE or -f DIRECTORY\n',
    });
    expect(await run(['validate', '-f', '/no/such/file'])).toMatchObject({
      code: 1,
      err: 'error: no such file or directory: /no/such/file\n',
    });
  });
});
