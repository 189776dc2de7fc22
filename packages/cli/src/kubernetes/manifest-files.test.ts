import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeIo } from '../testing/commands.ts';
import { parseManifests, readManifests } from './manifest-files.ts';

function object(name: string): string {
  return `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }\n`;
}

async function directory(files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'afflux-manifests-'));
  onTestFinished(() => rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}

async function names(paths: readonly string[], recursive = false, input = ''): Promise<string[]> {
  const { objects } = await readManifests(fakeIo({ input }), { paths, recursive });
  return objects.map((one) => one.object.metadata.name);
}

describe('readManifests', () => {
  it('reads what has an ending of YAML or JSON in a directory, in order of name', async () => {
    const path = await directory({
      'b.yml': object('b'),
      'a.yaml': object('a'),
      'c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
      'd.txt': object('d'),
      'sub/e.yaml': object('e'),
    });
    expect(await names([path])).toEqual(['a', 'b', 'c']);
    expect(await names([path], true)).toEqual(['a', 'b', 'c', 'e']);
  });

  it('reads a file whatever its name, and standard input', async () => {
    const path = await directory({ 'd.txt': object('d') });
    expect(await names([join(path, 'd.txt'), '-'], false, object('in'))).toEqual(['d', 'in']);
  });

  it('refuses what is not there, a directory without manifests, and addresses', async () => {
    const path = await directory({ 'd.txt': '' });
    await expect(names([join(path, 'no')])).rejects.toThrow(/does not exist/);
    await expect(names([path])).rejects.toThrow(/recognized file extensions/);
    await expect(names(['https://example.com/x.yaml'])).rejects.toThrow(/not fetched/);
  });

  it('refuses a file that is too large before it reads it', async () => {
    const path = await directory({ 'a.yaml': '#'.repeat(8 * 1024 * 1024 + 1) });
    await expect(names([path])).rejects.toThrow(/larger than 8 MiB/);
  });
});

describe('parseManifests', () => {
  it('takes documents and lists apart', () => {
    const text = `${object('a')}---\n---\nkind: List\nitems:\n- ${object('b')}- kind: ConfigMapList\n  items: [${object('c').trim()}]\n`;
    const { objects, problems } = parseManifests(text, 'x');
    expect(objects.map((one) => one.object.metadata.name)).toEqual(['a', 'b', 'c']);
    expect(problems).toEqual([]);
  });

  it.each([
    ['a: [', /^error: error parsing x.yaml: /],
    ['kind: A\nmetadata: {name: a}', /error validating "x.yaml": apiVersion not set/],
    ['apiVersion: v1\nmetadata: {name: a}', /kind not set/],
    ['apiVersion: v1\nkind: A', /metadata.name not set/],
    ['just text', /it is no object/],
    ['apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: [1]}', /namespace is no text/],
    ['apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: !js x', /tag/],
    [
      `apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: ${'['.repeat(100)}${']'.repeat(100)}`,
      /nested deeper than 64/,
    ],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\nd: [${'*c,'.repeat(20)}]`,
      /alias/,
    ],
  ])('says what is wrong with %j and goes on', (text, problem) => {
    const { objects, problems } = parseManifests(text, 'x.yaml');
    expect(objects).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('keeps the good documents beside the bad ones', () => {
    const { objects, problems } = parseManifests(`x\n---\n${object('a')}`, 'x.yaml');
    expect(objects).toHaveLength(1);
    expect(problems).toHaveLength(1);
  });
});
