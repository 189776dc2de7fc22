/**
 * The same command by kubectl and by afflux, against a real API server: what they print must be equal. Skipped where
 * there is no server.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { affluxOnCluster, kubectl, timeless, whyNoKubectl } from '../testing/kubectl.ts';
import type { Result } from '../testing/commands.ts';

const MISSING = whyNoKubectl();
if (MISSING !== undefined) {
  process.stdout.write(`comparison with kubectl is skipped: ${MISSING}\n`);
}

const ID = process.hrtime.bigint().toString(36);
const GROUP = `cli-${ID}.afflux.test`;
const NAMESPACES = [`cli-${ID}-a`, `cli-${ID}-b`] as const;
const [THEIRS, OURS] = NAMESPACES;

function definition(plural: string, kind: string, version: object) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural, kind, singular: kind.toLowerCase(), categories: [`all-${ID}`] },
      versions: [{ name: 'v1', served: true, storage: true, ...version }],
    },
  };
}

const READY = '.status.conditions[?(@.type=="Ready")]';
const GADGETS = definition('gadgets', 'Gadget', {
  subresources: { status: {} },
  additionalPrinterColumns: [
    { name: 'URL', type: 'string', jsonPath: '.status.address.url' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Ready', type: 'string', jsonPath: `${READY}.status` },
    { name: 'Reason', type: 'string', jsonPath: `${READY}.reason` },
    { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
  ],
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            size: { type: 'integer', maximum: 100 },
            words: { type: 'array', items: { type: 'string' } },
          },
        },
        status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
});
const DOODADS = definition('doodads', 'Doodad', {
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
});

function gadget(name: string, spec: object, metadata: object = {}) {
  return { apiVersion: `${GROUP}/v1`, kind: 'Gadget', metadata: { name, ...metadata }, spec };
}

const MAIN = gadget(
  'main',
  { size: 3, words: ['a', 'true', '<b>'] },
  { labels: { app: 'shop', tier: '1' }, annotations: { note: 'x'.repeat(200), 'a.b/c': 'yes' } },
);
const OTHER = gadget('a-longer-name', { size: 4 });
const DOODAD = {
  apiVersion: `${GROUP}/v1`,
  kind: 'Doodad',
  metadata: { name: 'dod' },
  spec: {
    aURL: 'x',
    deadLetterSinkUri: '0x1F',
    'a.b': 1.5,
    none: null,
    list: [[1, 2], { b: 1, a: [{ c: '1:30' }] }],
    empty: {},
    nothing: [],
    text: 'one\n  two\n',
    on: 'yes',
    escape: 'tab\there \u001b[31m',
    large: 1e30,
    quoted: "it's: 'so'",
  },
};

const STATUS = JSON.stringify({
  status: {
    address: { url: 'http://localhost/main' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'Fine' }],
  },
});

/** Both in namespaces of their own, whose names are made equal. */
async function both(...args: string[]): Promise<{ theirs: Result; ours: Result }> {
  return bothOn(THEIRS, OURS, args);
}

/** Both in one namespace, for what changes nothing. */
async function onSame(...args: string[]): Promise<{ theirs: Result; ours: Result }> {
  return bothOn(THEIRS, THEIRS, args);
}

async function bothOn(theirNamespace: string, ourNamespace: string, args: readonly string[]) {
  const [theirs, ours] = await Promise.all([
    kubectl([...args, '-n', theirNamespace]),
    affluxOnCluster([...args, '-n', ourNamespace]),
  ]);
  const equal = (text: string): string => text.replaceAll(ourNamespace, theirNamespace);
  return {
    theirs: timeless(theirs),
    ours: timeless({ code: ours.code, out: equal(ours.out), err: equal(ours.err) }),
  };
}

async function done(work: Promise<Result>): Promise<void> {
  const { code, err } = await work;
  if (code !== 0) throw new Error(err);
}

describe.skipIf(MISSING !== undefined)('as kubectl', () => {
  beforeAll(async () => {
    const namespaces = NAMESPACES.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    }));
    const items = [...namespaces, GADGETS, DOODADS];
    await done(affluxOnCluster(['apply', '-f', '-'], JSON.stringify({ kind: 'List', items })));
    const objects = JSON.stringify({ kind: 'List', items: [GADGETS, MAIN, OTHER, DOODAD] });
    for (const namespace of NAMESPACES) {
      await done(affluxOnCluster(['apply', '-f', '-', '-n', namespace], objects));
      const patch = ['patch', `gadgets.${GROUP}`, 'main', '--subresource=status', '--type=merge'];
      await done(kubectl([...patch, '-p', STATUS, '-n', namespace]));
    }
  }, 60_000);

  afterAll(async () => {
    await kubectl(['delete', 'crd', GADGETS.metadata.name, DOODADS.metadata.name, '--wait=false']);
    await kubectl(['delete', 'namespace', ...NAMESPACES, '--wait=false']);
  }, 60_000);

  it.each([
    [`get gadgets.${GROUP}`],
    [`get gadget.v1.${GROUP} -o wide`],
    [`get gadgets.${GROUP} main a-longer-name`],
    [`get gadgets.${GROUP}/main doodads.${GROUP}/dod`],
    [`get gadgets.${GROUP},doodads.${GROUP}`],
    [`get all-${ID}`],
    [`get gadgets.${GROUP} --show-labels -L tier,app`],
    [`get gadgets.${GROUP} -A`],
    [`get gadgets.${GROUP} --no-headers`],
    [`get gadgets.${GROUP} -l app=shop`],
    [`get gadgets.${GROUP} --field-selector metadata.name=main`],
    [`get gadgets.${GROUP} -l app=none`],
    [`get gadgets.${GROUP} -l app=none -A`],
    [`get gadgets.${GROUP} -l app=none -o yaml`],
    [`get gadgets.${GROUP} main nope`],
    [`get gadgets.${GROUP} nope no`],
    [`get gadgets.${GROUP} nope --ignore-not-found`],
    [`get gadgets.${GROUP} main -l app=shop`],
    [`get gadgets.${GROUP} main -A`],
    [`get gadgets.${GROUP}/`],
    ['get nothings'],
    ['get namespace default'],
    [`get gadgets.${GROUP} -o name`],
    [`get gadgets.${GROUP} -o json`],
    [`get doodads.${GROUP} dod -o json`],
    [`get doodads.${GROUP} dod -o yaml`],
    [`get doodads.${GROUP} -o yaml`],
    [`get gadgets.${GROUP} -o jsonpath={.items[*].metadata.name}`],
    [`get gadgets.${GROUP} main -o jsonpath={.spec.words}{.spec.words[1]}{.spec.nope}`],
    [`get gadgets.${GROUP} -o jsonpath={.items[?(@.spec.size==3)].metadata.name}`],
    [`get gadgets.${GROUP} -o jsonpath={range.items[*]}{.metadata.name}{"\\n"}{end}`],
    [`get gadgets.${GROUP} -o custom-columns=NAME:.metadata.name,W:.spec.words,S:.status`],
    [`describe gadgets.${GROUP} main`],
    [`describe gadgets.${GROUP}`],
    [`describe doodads.${GROUP}/dod`],
    [`describe gadgets.${GROUP} nope`],
    [`describe gadgets.${GROUP} -l app=none`],
    [`wait gadgets.${GROUP}/main --for=condition=Ready`],
    [`wait gadgets.${GROUP} main a-longer-name --for=condition=Ready --timeout=2s`],
    [`wait gadgets.${GROUP}/main gadgets.${GROUP}/nope --for=condition=Ready --timeout=1s`],
    [`wait gadgets.${GROUP} --all --for=condition=Ready --timeout=0`],
    [`wait gadgets.${GROUP} -l app=none --for=condition=Ready`],
    [`wait gadgets.${GROUP}/main --for=jsonpath={.spec.size}=3`],
    [`wait gadgets.${GROUP}/main --for=delete --timeout=2s`],
    [`wait gadgets.${GROUP}/nope --for=delete`],
    [`wait gadgets.${GROUP} --for=delete`],
    [`wait gadgets.${GROUP}/main --for=bogus`],
    [`delete gadgets.${GROUP} nope`],
    [`delete gadgets.${GROUP} main nope --dry-run=server`],
    [`delete gadgets.${GROUP}`],
    [`delete gadgets.${GROUP} main --all`],
    [`delete gadgets.${GROUP} --all --dry-run=server`],
    [`delete gadgets.${GROUP} -l app=none`],
  ])('%s', async (line) => {
    const { theirs, ours } = await onSame(...line.replace('{range.', '{range .').split(SPLIT));
    expect(ours).toEqual(theirs);
  });

  it('deletes what it is told to, and waits for it', async () => {
    const { theirs, ours } = await both('delete', `gadgets.${GROUP}`, 'main', 'nope');
    expect(ours).toEqual(theirs);
    expect(ours.out).toContain('deleted');
    const rest = await both('get', `gadgets.${GROUP}`);
    expect(rest.ours).toEqual(rest.theirs);
    expect(rest.ours.out).not.toContain('main');
  });

  it('apply shares its fields with kubectl, and is refused in the same words', async () => {
    for (const words of [undefined, [1]]) {
      const bad = JSON.stringify(gadget('bad', { size: 400, words }));
      const [theirs, ours] = await Promise.all([
        kubectl(['apply', '--server-side', '-f', '-', '-n', THEIRS], bad),
        affluxOnCluster(['apply', '-f', '-', '-n', OURS], bad),
      ]);
      const equal = ours.err.replaceAll(OURS, THEIRS).replace(' (InternalError)', '');
      expect({ ...ours, err: equal }).toEqual(theirs);
    }
    const changed = JSON.stringify(gadget('a-longer-name', { size: 5 }));
    const first = await affluxOnCluster(['apply', '-f', '-', '-n', THEIRS], changed);
    expect(first.out).toBe(`gadget.${GROUP}/a-longer-name configured\n`);
    const again = JSON.stringify(gadget('a-longer-name', { size: 6 }));
    await done(kubectl(['apply', '--server-side', '-f', '-', '-n', THEIRS], again));
  });
});

/** At spaces, but not at the one inside braces. */
const SPLIT = / (?![^{]*\})/;
