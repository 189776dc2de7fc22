/**
 * The webhooks as a real kube-apiserver calls them, and what kubectl shows of that. The configurations select
 * one namespace of their own and are removed at the end. Our CRD of the Broker is put there and stays, because
 * others may use it by then. The rules that are broken here are about annotations: no schema can have those.
 */
import { newUuid, noopLogger, systemClock } from '@afflux/kernel';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdmissionServer } from './admission-server.ts';
import { admissionWebhooks } from './admission-webhooks.ts';
import { kubectl, kubectlOk, run, skipReason } from '../testing/admission/kubectl.ts';
import { configProblems, shippedWebhooks } from '../testing/admission/webhook-world.ts';

const reason = skipReason(process.env);
const CRD = 'brokers.eventing.knative.dev';
const CRD_FILE = new URL(`../../../../crds/${CRD}.yaml`, import.meta.url);
const VALIDATION = 'validation.webhook.eventing.knative.dev';
const POLL_MS = 100;

const because = reason === undefined ? '' : ` (skipped: ${reason})`;

describe.skipIf(reason !== undefined)(`at a real API server${because}`, () => {
  const id = newUuid().slice(0, 8);
  const namespace = `api-admission-${id}`;
  const configurations = [`afflux-defaulting-${id}`, `afflux-validation-${id}`];
  let server: AdmissionServer | undefined;

  const broker = (name: string, spec: object = {}, annotations: object = {}) => ({
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name, namespace, annotations },
    spec,
  });
  const configMap = (name: string, data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });

  beforeAll(async () => {
    const pair = await makeKeyPair();
    const clock = systemClock;
    const logger = noopLogger;
    const handler = admissionWebhooks({ ...shippedWebhooks(), configProblems, clock, logger });
    server = new AdmissionServer({ ...pair, handler, host: '127.0.0.1', port: 0, clock, logger });
    await server.start();
    await kubectlOk(['create', 'namespace', namespace]);
    await installCrd();
    const url = `https://127.0.0.1:${String(server.port)}`;
    await kubectlOk(['create', '-f', '-'], ...webhookConfigurations(url, pair.ca));
    // The server reads configurations with a delay: until one of them works, and a moment more for the others.
    await until(async () => {
      const probe = configMap('probe', { a: 'x' });
      return (await kubectl(['create', '-f', '-', '--dry-run=server'], probe)).code !== 0;
    });
    await until(async () => {
      const probe = broker('probe');
      const args = ['create', '-f', '-', '--dry-run=server', '-o', 'json'];
      return (await kubectlOk(args, probe)).includes('broker.class');
    });
  });

  afterAll(async () => {
    const [mutating = '', validating = ''] = configurations;
    await kubectl(['delete', 'mutatingwebhookconfiguration', mutating, '--ignore-not-found']);
    await kubectl(['delete', 'validatingwebhookconfiguration', validating, '--ignore-not-found']);
    await kubectl(['delete', 'brokers.eventing.knative.dev', '--all', '-n', namespace]);
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await server?.close();
  });

  function webhookConfigurations(url: string, ca: string): object[] {
    const [mutating, validating] = configurations;
    const webhook = (name: string, path: string, groups: string, resources: string[]) => ({
      name,
      clientConfig: { url: `${url}${path}`, caBundle: Buffer.from(ca).toString('base64') },
      rules: [
        {
          apiGroups: [groups],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources,
        },
      ],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
    });
    const brokers = ['eventing.knative.dev', ['brokers', 'brokers/status']] as const;
    const apiVersion = 'admissionregistration.k8s.io/v1';
    return [
      {
        apiVersion,
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: mutating },
        webhooks: [
          webhook('webhook.eventing.knative.dev', '/defaulting', brokers[0], [...brokers[1]]),
        ],
      },
      {
        apiVersion,
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: validating },
        webhooks: [
          webhook(VALIDATION, '/resource-validation', brokers[0], [...brokers[1]]),
          webhook('config.webhook.eventing.knative.dev', '/config-validation', '', ['configmaps']),
        ],
      },
    ];
  }

  test('a Broker gets its defaults', async () => {
    await kubectlOk(['apply', '-f', '-'], broker('plain', { delivery: { retry: 3 } }));
    const text = await kubectlOk(['get', CRD, 'plain', '-n', namespace, '-o', 'json']);
    expect(JSON.parse(text)).toMatchObject({
      metadata: { annotations: { 'eventing.knative.dev/broker.class': 'MTChannelBasedBroker' } },
      spec: { config: { kind: 'ConfigMap', name: 'config-br-default-channel' } },
    });
  });

  test('a Broker that is to get a name gets it, and its defaults', async () => {
    const { metadata: _, ...rest } = broker('');
    const unnamed = { ...rest, metadata: { generateName: 'made-', namespace } };
    const text = await kubectlOk(['create', '-f', '-', '-o', 'json'], unnamed);
    const made = JSON.parse(text) as { items?: object[]; metadata?: object };
    expect(made.items?.[0] ?? made).toMatchObject({
      metadata: { name: expect.stringMatching(/^made-.{5}$/) as string },
      spec: { config: { kind: 'ConfigMap' } },
    });
  });

  test('a Broker that breaks a rule is refused, in the words of Knative', async () => {
    const { code, stderr } = await kubectl(
      ['create', '-f', '-'],
      broker('bad', {}, { 'afflux.dev/max-in-flight': 'many' }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^Error from server \\(BadRequest\\): .*admission webhook "${VALIDATION}" denied the request: ` +
          'validation failed: invalid value: many: metadata\\.annotations\\[afflux\\.dev/max-in-flight\\]',
      ),
    );
  });

  test('what must stay as it is stays so', async () => {
    await kubectlOk(['apply', '-f', '-'], broker('steady'));
    const { stderr } = await kubectl([
      ...['annotate', CRD, 'steady', '-n', namespace, '--overwrite'],
      'eventing.knative.dev/broker.class=Kafka',
    ]);
    expect(stderr).toContain(
      `admission webhook "${VALIDATION}" denied the request: validation failed: Immutable annotations changed (-old +new): `,
    );
  });

  test('a status and a deletion pass', async () => {
    await kubectlOk(['apply', '-f', '-'], broker('brief'));
    await kubectlOk([
      ...['patch', CRD, 'brief', '-n', namespace, '--subresource', 'status', '--type', 'merge'],
      ...['-p', '{"status":{"observedGeneration":1}}'],
    ]);
    await kubectlOk(['delete', CRD, 'brief', '-n', namespace]);
  });

  test('a ConfigMap is judged, and one without mistakes is stored', async () => {
    await kubectlOk(['apply', '-f', '-'], configMap('good', { a: 'y' }));
    const { stderr } = await kubectl(['apply', '-f', '-'], configMap('bad', { a: 'x' }));
    expect(stderr).toContain(
      'admission webhook "config.webhook.eventing.knative.dev" denied the request: validation failed: invalid value: x: data[a]',
    );
  });
});

/** A certificate for 127.0.0.1, and the authority that it is of. */
async function makeKeyPair(): Promise<{ ca: string; cert: string; key: string }> {
  const pki = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'pki');
  const directory = await mkdtemp(join(tmpdir(), 'afflux-admission-'));
  try {
    const [ca, leaf] = [join(directory, 'ca'), join(directory, 'leaf')];
    for (const args of [
      ['ca', ca, 'afflux-test'],
      ['cert', ca, leaf, 'webhook', '', '127.0.0.1'],
    ]) {
      const { code, stderr } = await run(pki, args);
      if (code !== 0) throw new Error(stderr);
    }
    const read = (file: string): Promise<string> => readFile(file, 'utf8');
    return {
      ca: await read(`${ca}.crt`),
      cert: await read(`${leaf}.crt`),
      key: await read(`${leaf}.key`),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function installCrd(): Promise<void> {
  await kubectlOk(['apply', '-f', fileURLToPath(CRD_FILE)]);
  await kubectlOk(['wait', '--for=condition=Established', `crd/${CRD}`, '--timeout=10s']);
  await until(async () => (await kubectl(['get', CRD, '-A'])).code === 0);
}

/** The deadline of the hook bounds the wait. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(POLL_MS);
}
