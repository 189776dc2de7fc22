/** The commands against a running Afflux: the same words as against a cluster. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestAfflux } from '@afflux/server/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, start } from '../testing/commands.ts';

const TRIGGER = `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: payments, labels: { app: shop } }
spec:
  broker: main
  subscriber: { uri: http://127.0.0.1:1/ }
`;
const BROKER = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: main }
`;

async function withAfflux() {
  const test = await startTestAfflux({ manifests: '' });
  const directory = await mkdtemp(join(tmpdir(), 'afflux-kubernetes-'));
  onTestFinished(async () => {
    await test.close();
    await rm(directory, { recursive: true });
  });
  const file = join(directory, 'manifest.yaml');
  await writeFile(file, `${BROKER}---${TRIGGER}`);
  const control = ['--control', test.afflux.controlUrl];
  return {
    file,
    afflux: (...args: string[]) => run([...args, ...control]),
    running: (...args: string[]) => start([...args, ...control]),
  };
}

describe('the commands against Afflux', () => {
  it('apply, wait for, show and delete what is in a manifest', async () => {
    const { file, afflux } = await withAfflux();
    expect(await afflux('apply', '-f', file)).toEqual({
      code: 0,
      out: 'broker.eventing.knative.dev/main created\ntrigger.eventing.knative.dev/payments created\n',
      err: '',
    });
    const waited = await afflux('wait', '-f', file, '--for=condition=Ready');
    expect(waited).toEqual({
      code: 0,
      out: 'broker.eventing.knative.dev/main condition met\ntrigger.eventing.knative.dev/payments condition met\n',
      err: '',
    });
    expect((await afflux('apply', '-f', file)).out).toBe(
      'broker.eventing.knative.dev/main unchanged\ntrigger.eventing.knative.dev/payments unchanged\n',
    );
    const brokers = await afflux('get', 'brokers');
    expect(brokers.out).toMatch(
      /^NAME +URL +AGE +READY +REASON *\nmain +http:\S+ +\d+s +True *\n$/,
    );
    const all = await afflux('get', 'all');
    expect(all.out).toMatch(/^broker\.eventing\.knative\.dev\/main /m);
    expect(all.out).toMatch(/\n\nNAME[^\n]*\ntrigger\.eventing\.knative\.dev\/payments /);
    const url = await afflux('get', 'broker', 'main', '-o', 'jsonpath={.status.address.url}');
    expect(url.out).toMatch(/^http:/);
    const described = await afflux('describe', 'trigger', 'payments');
    expect(described.out).toMatch(/^Name: +payments\nNamespace: +default\nLabels: +app=shop\n/);
    expect(described.out).toMatch(/\nSpec:\n {2}Broker: +main\n/);
    expect(described.out).toMatch(/\nEvents:/);
    expect(await afflux('delete', '-f', file)).toEqual({
      code: 0,
      out: 'broker.eventing.knative.dev "main" deleted\ntrigger.eventing.knative.dev "payments" deleted\n',
      err: '',
    });
    expect(await afflux('get', 'brokers,triggers')).toEqual({
      code: 0,
      out: '',
      err: 'No resources found in default namespace.\n',
    });
  });

  it('refuse what the schema refuses, and change nothing in a dry run', async () => {
    const { file, afflux } = await withAfflux();
    await writeFile(file, `${BROKER}---${TRIGGER.replace('broker: main', 'broker: [1]')}`);
    const { code, out, err } = await afflux('apply', '-f', file, '--dry-run');
    expect(code).toBe(1);
    expect(out).toBe('broker.eventing.knative.dev/main created (server dry run)\n');
    expect(err).toMatch(/^The Trigger "payments" is invalid: spec.broker: /);
    expect((await afflux('get', 'brokers')).err).toContain('No resources found');
  });

  it('get -w shows changes as they come', async () => {
    const { file, afflux, running } = await withAfflux();
    await afflux('apply', '-f', file);
    const watch = running('get', 'triggers', '-w', '--show-labels');
    await watch.printed(/^payments .*app=shop/m);
    await writeFile(file, TRIGGER.replace('app: shop', 'app: other'));
    await afflux('apply', '-f', file);
    await watch.printed(/^payments .*app=other/m);
    expect(await watch.stop()).toBe(0);
    expect(watch.io.output.match(/NAME/g)).toHaveLength(1);
  });

  it('wait for an end that somebody else brings about', async () => {
    const { file, afflux, running } = await withAfflux();
    await afflux('apply', '-f', file);
    const waiting = running('wait', 'trigger/payments', '--for=delete', '--timeout=30s');
    await afflux('delete', 'trigger', 'payments');
    expect(await waiting.ended).toBe(0);
  });

  it('name what is not there', async () => {
    const { afflux } = await withAfflux();
    expect(await afflux('get', 'broker', 'nope')).toEqual({
      code: 1,
      out: '',
      err: 'Error from server (NotFound): brokers.eventing.knative.dev "nope" not found\n',
    });
    expect((await afflux('get', 'nothings')).err).toBe(
      'error: the server doesn\'t have a resource type "nothings"\n',
    );
    expect((await afflux('delete', 'broker', 'nope', '--ignore-not-found')).code).toBe(0);
  });
});
