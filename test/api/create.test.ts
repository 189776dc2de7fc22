/**
 * Objects that clients of Kubernetes' own kinds send as protobuf: `kubectl create`, and what a Go program with typed
 * clients sent to a kube-apiserver 1.33, in the same order. Each becomes what the same object in JSON becomes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespace, startLaptop, type Laptop, type Seen } from './api-client.ts';
import { kubectlSkipReason } from './servers.ts';
import { runShell } from './shell.ts';

const PROTOBUF = { headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } };

/** What the server itself writes into each object, so that two of them never are the same. */
const OWN_METADATA = ['namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'managedFields'];

let laptop: Laptop;
const atEnd: (() => Promise<void>)[] = [];

beforeAll(async () => {
  laptop = await startLaptop({}, (cleanUp) => atEnd.push(cleanUp));
});

afterAll(async () => {
  for (const cleanUp of atEnd) await cleanUp();
});

/** The object without what the server itself wrote. */
async function written(path: string): Promise<object> {
  const { status, body } = await laptop.api.get(path);
  expect(status, path).toBe(200);
  const metadata = Object.entries(body.metadata).filter(([name]) => !OWN_METADATA.includes(name));
  return { ...body, metadata: Object.fromEntries(metadata) };
}

const skipReason = kubectlSkipReason(process.env);
if (skipReason !== undefined) process.stdout.write(`kubectl create is skipped: ${skipReason}\n`);

const COMMANDS = [
  ['configmap settings --from-literal=colour=blue --from-file=bytes.bin', 'configmaps/settings'],
  ['configmap empty', 'configmaps/empty'],
  ['secret generic login --from-literal=user=me --type=example.com/login', 'secrets/login'],
  ['sa worker', 'serviceaccounts/worker'],
  ['service clusterip web --tcp=80:8080 --tcp=90:http', 'services/web'],
  ['service clusterip headless --clusterip=None', 'services/headless'],
  ['service externalname outside --external-name=example.com', 'services/outside'],
] as const;

describe.skipIf(skipReason !== undefined)('kubectl create', () => {
  let cwd: string;

  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'afflux-create-'));
    writeFileSync(join(cwd, 'bytes.bin'), Buffer.from([0, 0xff, 0xfe, 1]));
  });

  afterAll(() => {
    rmSync(cwd, { recursive: true });
  });

  function kubectl(command: string): Promise<string> {
    const server = `--kubeconfig=/dev/null --server=${laptop.api.url}`;
    const env = { PATH: process.env['PATH'], HOME: cwd };
    return runShell(`kubectl() { command kubectl ${server} "$@"; }\n${command}`, { cwd, env });
  }

  it.each(COMMANDS)('%s is the same object as from JSON', async (command, path) => {
    const sent = await makeNamespace(laptop.api, 'create-protobuf');
    const [kind = '', name = ''] = path.split('/');
    const created = await kubectl(`kubectl create -n ${sent} ${command}`);
    expect(created).toBe(`${kind.replace(/s$/, '')}/${name} created`);
    const other = await makeNamespace(laptop.api, 'create-json');
    const json = `kubectl create -n ${other} ${command} --dry-run=client -o json`;
    expect(await kubectl(`${json} | kubectl create -f -`)).toBe(created);
    expect(await written(`/api/v1/namespaces/${sent}/${path}`)).toEqual(
      await written(`/api/v1/namespaces/${other}/${path}`),
    );
  });

  it('namespace makes one that is in use at once', async () => {
    expect(await kubectl('kubectl create ns shop')).toBe('namespace/shop created');
    expect(await kubectl('kubectl create cm one -n shop')).toBe('configmap/one created');
  });

  it('sends protobuf, and asks for JSON as well', async () => {
    const shown = await kubectl('kubectl create ns seen -v=9');
    expect(shown).toContain('Content-Type: application/vnd.kubernetes.protobuf');
    expect(shown).toMatch(/Accept: [^"]*application\/json/);
    expect(shown).toContain('201 Created');
  });

  it('is refused where JSON is refused, for the same reason', async () => {
    const namespace = await makeNamespace(laptop.api, 'create-refused');
    const command = `kubectl create -n ${namespace} configmap Not_A_Name`;
    const refused = await kubectl(command);
    expect(refused).toContain('ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value');
  });

  it('asks what one may do', async () => {
    expect(await kubectl('kubectl auth can-i create brokers 2>/dev/null')).toBe('yes');
    expect(await kubectl('kubectl auth whoami')).toContain('system:masters');
  });
});

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** In a namespace of this name it was recorded; some bodies have it, too. */
const RECORDED_IN = 'api-protobuf';

const RECORDED = readFileSync(new URL('recorded/go-client.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

describe('typed clients in Go', () => {
  it('get the answers that they got from a kube-apiserver', async () => {
    const { api } = laptop;
    const metadata = { name: RECORDED_IN };
    await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    const answers: { status: number; body: Partial<Seen> }[] = [];
    for (const { method, path, body } of RECORDED) {
      const bytes = Buffer.from(body, 'base64');
      const { status, body: seen } = await api.call(method, path, bytes, PROTOBUF);
      answers.push({ status, body: seen });
    }
    const [configMap, event, lease, trial, otherUid, update, collection, gone] = answers;
    expect(configMap).toMatchObject({
      status: 201,
      body: { metadata: { labels: { app: 'shop' } }, data: { a: '1' }, binaryData: { b: '/w==' } },
    });
    expect(event).toMatchObject({
      status: 201,
      body: {
        involvedObject: { kind: 'ConfigMap', name: 'watched' },
        source: { component: 'shop-controller', host: 'laptop' },
        message: 'the shop is open',
        count: 1,
        type: 'Normal',
      },
    });
    expect(lease).toMatchObject({
      status: 201,
      body: { spec: { holderIdentity: 'worker-1', leaseDurationSeconds: 15, leaseTransitions: 0 } },
    });
    expect((lease?.body['spec'] as { renewTime: string }).renewTime).toMatch(/\.\d{6}Z$/);
    // A dry run of a delete that finalizers hold; then a precondition that does not hold.
    expect(trial?.status).toBe(200);
    expect(otherUid).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(update).toMatchObject({ status: 200, body: { data: { a: '2' } } });
    expect(collection).toMatchObject({ status: 200, body: { items: [{ data: { a: '2' } }] } });
    expect(gone?.status).toBe(200);
  });

  it('are told which kinds can be sent so', async () => {
    const path = '/apis/eventing.knative.dev/v1/namespaces/default/brokers';
    const { status, body } = await laptop.api.call('POST', path, brokerEnvelope(), PROTOBUF);
    expect(status).toBe(415);
    expect(body.reason).toBe('UnsupportedMediaType');
    expect(body.message).toContain('v1/ConfigMap');
  });

  it('are told which part of a broken body is broken', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const [first] = RECORDED;
    const body = Buffer.from(first?.body ?? '', 'base64');
    const length = body.indexOf('watched') - 1;
    body[length] = 0x7f;
    const answer = await laptop.api.call('POST', path, body, PROTOBUF);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
    expect(answer.body.message).toContain('ConfigMap.metadata.name: a length of 127 goes beyond');
  });
});

/** An envelope of a kind that has no messages. */
function brokerEnvelope(): Buffer {
  const version = Buffer.from('eventing.knative.dev/v1');
  const kind = Buffer.from('Broker');
  const typeMeta = Buffer.concat([
    Buffer.from([0x0a, version.length]),
    version,
    Buffer.from([0x12, kind.length]),
    kind,
  ]);
  return Buffer.concat([Buffer.from('k8s\0\x0a'), Buffer.from([typeMeta.length]), typeMeta]);
}
