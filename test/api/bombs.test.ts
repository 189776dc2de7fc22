/** T12, T25: bodies that are small to send and dear to read are refused, fast, and nothing of them is believed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, configMaps, startLaptop, type Laptop } from './api-client.ts';

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop({}, () => undefined);
  // The first request loads the framework, the first body in YAML its parser.
  await send('application/yaml', '{}');
});

afterAll(async () => {
  await laptop.stop();
});

const PATH = configMaps('default');
const BODY_BYTES_MAX = 3 * 1024 * 1024;

/**
 * Longest time that the process may be busy with a bad body: others wait for so long. Where a bound is missing it is
 * minutes, on a machine with nothing else to do.
 */
const BUSY_MS_MAX = 5_000;

async function send(type: string, body: string | Buffer) {
  const began = performance.now();
  const { status, body: answer } = await laptop.api.call('POST', PATH, body, {
    headers: { 'content-type': type },
  });
  return { status, answer, ms: performance.now() - began };
}

/** As much of it as a body may have. */
function filled(piece: string, before = '', after = ''): string {
  const room = BODY_BYTES_MAX - before.length - after.length - 16;
  return before + piece.repeat(Math.floor(room / piece.length)) + after;
}

const LAUGHS = [
  'a: &a ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`;
  }),
].join('\n');

function numbered(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

describe('T12 YAML that is a bomb', () => {
  it.each([
    ['aliases that multiply', LAUGHS],
    ['aliases in merge keys that multiply', mergeBomb()],
    ['an alias of itself', 'metadata: &a {name: x, labels: *a}'],
    ['many aliases', `a: &a x\nb: [${Array.from({ length: 100_000 }, () => '*a').join(',')}]`],
    ['brackets without an end', filled('[')],
    ['braces without an end', filled('{a: ')],
    ['brackets after a quotation mark in a comment', filled('[', '# "\na: ')],
    ['brackets after a single quotation mark', filled('[', "a: 'b\"'\nb: ")],
    ['lists in lists on one line', filled('- ')],
    ['keys in keys on one line', filled('? ')],
    ['anchors without an end', filled('&a ')],
    ['tags without an end', filled('!a ')],
    ['deeper and deeper lines', numbered(1_000, (line) => `${' '.repeat(line)}a:`)],
    ['lines that are deeper than they look', numbered(1_500, (line) => `${'- '.repeat(line)}a`)],
    ['the same key again and again', filled('a: b\n')],
    ['many documents', filled('---\n')],
    ['a text without an end', filled('x', '"')],
    ['a key without an end', filled('x ')],
    ['many errors', filled('}\n')],
    ['many directives', filled('%A\n')],
    ['tags of other languages', 'a: !!python/object/apply:os.system ["true"]'],
    ['a binary by an old version', '%YAML 1.1\n---\ndata: {a: !!binary aGVsbG8=}'],
    ['a set by an old version', '%YAML 1.1\n---\nlabels: !!set {a, b}'],
    ['a tab', '\t\t'],
  ])('is refused: %s', { timeout: 60_000 }, async (_what, text) => {
    const { status, ms } = await send('application/yaml', text);
    expect(status).toBe(400);
    expect(ms).toBeLessThan(BUSY_MS_MAX);
  });

  it('is not: many different keys, which are read fast', { timeout: 60_000 }, async () => {
    const keys = numbered(10_000, (line) => `  k${String(line)}: v`);
    const text = `metadata: {name: many-keys}\ndata:\n${keys}\n`;
    const { status, ms } = await send('application/yaml', text);
    expect(status).toBe(201);
    expect(ms).toBeLessThan(BUSY_MS_MAX);
  });

  it('is refused in a patch of server-side apply, too', async () => {
    const began = performance.now();
    const { status } = await laptop.api.patch('apply', `${PATH}/x?fieldManager=t`, LAUGHS);
    expect(status).toBe(400);
    expect(performance.now() - began).toBeLessThan(BUSY_MS_MAX);
  });
});

function mergeBomb(): string {
  const lines = ['a0: &a0 {k0: v}'];
  for (let level = 1; level < 40; level += 1) {
    const before = `*a${String(level - 1)}`;
    lines.push(
      `a${String(level)}: &a${String(level)} {<<: [${before}, ${before}], k: {<<: ${before}}}`,
    );
  }
  return lines.join('\n');
}

describe('T12 JSON that is a bomb', () => {
  it.each([
    ['brackets', filled('[')],
    ['brackets that end', '['.repeat(101) + ']'.repeat(101)],
    ['objects', filled('{"a":')],
    ['levels, 101 of them', nested(101)],
    ['a text without an end', filled('x', '"')],
    ['nothing but spaces', filled(' ')],
    ['numbers without an end', filled('1')],
  ])('is refused: %s', async (_what, text) => {
    const { status, ms } = await send('application/json', text);
    expect(status).toBe(400);
    expect(ms).toBeLessThan(BUSY_MS_MAX);
  });

  it('is refused: 100 levels in a value, in a patch that would add one to another', async () => {
    await laptop.api.post(PATH, configMap('nested'));
    const { status } = await laptop.api.patch('merge', `${PATH}/nested`, nested(101));
    expect(status).toBe(400);
  });

  it('is refused: a patch that copies itself larger', async () => {
    const data = { a: 'x'.repeat(1_000) };
    await laptop.api.post(PATH, configMap('copied', data));
    const patch = Array.from({ length: 40 }, (_, index) => [
      { op: 'copy', from: '/data', path: `/metadata/x${String(index)}` },
      { op: 'copy', from: '/metadata', path: `/data/y${String(index)}` },
    ]).flat();
    const began = performance.now();
    const { status } = await laptop.api.patch('json', `${PATH}/copied`, patch);
    expect([400, 413, 422]).toContain(status);
    expect(performance.now() - began).toBeLessThan(BUSY_MS_MAX);
  });

  it('is refused: a patch of too many steps', async () => {
    await laptop.api.post(PATH, configMap('stepped', { a: 'b' }));
    const step = { op: 'test', path: '/data/a', value: 'b' };
    const patch = Array.from({ length: 10_001 }, () => step);
    const { status } = await laptop.api.patch('json', `${PATH}/stepped`, patch);
    expect([400, 413, 422]).toContain(status);
  });
});

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}

describe('T12 names that mean something to JavaScript', () => {
  it('are keys like any other in data', async () => {
    const data = { constructor: 'c', toString: 't', hasOwnProperty: 'h' };
    expect((await laptop.api.post(PATH, configMap('names', data))).status).toBe(201);
    expect((await laptop.api.get(`${PATH}/names`)).body.data).toEqual(data);
  });

  it('are refused where they would be a prototype, with their place', async () => {
    const text = '{"metadata":{"name":"proto"},"data":{"__proto__":"p"}}';
    const { body } = await laptop.api.post(PATH, text);
    expect(body).toMatchObject({ code: 400 });
    expect(body.message).toContain('data: the key "__proto__" is not allowed');
  });

  it.each([
    ['merge', '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}'],
    ['merge', '{"metadata":{"__proto__":{"polluted":"yes"}}}'],
    ['strategic-merge', '{"metadata":{"__proto__":{"polluted":"yes"}},"data":{"__proto__":"x"}}'],
    ['json', '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]'],
    ['json', '[{"op":"add","path":"/constructor/prototype/polluted","value":"yes"}]'],
    ['json', '[{"op":"copy","from":"/metadata/constructor","path":"/data/x"}]'],
    [
      'apply',
      '{"apiVersion":"v1","kind":"ConfigMap","__proto__":{"polluted":"yes"},"metadata":{"__proto__":{"polluted":"yes"}}}',
    ],
  ])('pollute nothing by a %s patch: %s', async (type, body) => {
    await laptop.api.post(PATH, configMap('clean'));
    const { status } = await laptop.api.patch(type, `${PATH}/clean?fieldManager=t`, body);
    expect(status).toBeLessThan(500);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect((await laptop.api.get(`${PATH}/clean`)).text).not.toContain('polluted');
  });
});

describe('T25 nothing is fetched or evaluated', () => {
  it.each(['http://127.0.0.1:1/schema.json', '#/definitions/other'])(
    'a schema that refers to another is refused: %s',
    async ($ref) => {
      const crd = {
        metadata: { name: 'things.ref.example.com' },
        spec: {
          group: 'ref.example.com',
          scope: 'Namespaced',
          names: { plural: 'things', kind: 'Thing' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: { type: 'object', properties: { spec: { $ref } } },
              },
            },
          ],
        },
      };
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      const { body } = await laptop.api.post(path, crd);
      expect(body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect(body.message).toContain('$ref');
    },
  );
});
