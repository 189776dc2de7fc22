import { describe, expect, it } from 'vitest';
import { parseManifest } from './document.ts';

const TWO = `# comment
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  key: value
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: t
  annotations:
    a.b/c: x
spec:
  filters:
    - exact:
        type: one
    - exact:
        type: two
`;

describe('parseManifest', () => {
  it('takes several documents and knows their lines', () => {
    const { documents, problems } = parseManifest(TWO);
    expect(problems).toEqual([]);
    expect(documents.map(({ line }) => line)).toEqual([2, 9]);
  });

  it.each([
    ['spec.filters[1].exact', 19],
    ['spec.filters[0].exact.type', 18],
    ['metadata.annotations[a.b/c]', 14],
    ['metadata.name', 12],
    // What is missing is shown at its nearest parent.
    ['spec.subscriber', 15],
    ['nothing', 9],
  ])('finds the line of %s', (path, line) => {
    expect(parseManifest(TWO).documents[1]?.lineOf(path)).toBe(line);
  });

  it('reads JSON', () => {
    const { documents } = parseManifest('{"kind": "Broker", "metadata": {"name": "x"}}');
    expect(documents[0]?.value).toEqual({ kind: 'Broker', metadata: { name: 'x' } });
  });

  it('takes a List apart', () => {
    const { documents } = parseManifest(
      'apiVersion: v1\nkind: List\nitems:\n  - kind: A\n  - kind: B\n',
    );
    expect(documents.map(({ value, line }) => [value, line])).toEqual([
      [{ kind: 'A' }, 4],
      [{ kind: 'B' }, 5],
    ]);
  });

  it('skips empty documents', () => {
    expect(parseManifest('---\n---\n# nothing\n').documents).toEqual([]);
    expect(parseManifest('').documents).toEqual([]);
  });

  it('says where a syntax error is, and still gives the other documents', () => {
    const { documents, problems } = parseManifest('kind: A\n---\nkind: [\n---\nkind: C\n');
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]?.line).toBeGreaterThanOrEqual(3);
    expect(documents.map(({ value }) => value)).toEqual([{ kind: 'A' }, { kind: 'C' }]);
  });

  it('refuses a duplicate key', () => {
    expect(parseManifest('kind: A\nkind: B\n').problems).toHaveLength(1);
  });

  it('T12 refuses tags', () => {
    expect(parseManifest('a: !!js/function "x"\n').problems).toHaveLength(1);
    expect(parseManifest('a: !custom x\n').problems).toHaveLength(1);
  });

  it('T12 refuses an alias bomb', () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < 9; level += 1) {
      const name = String.fromCharCode(97 + level);
      const below = String.fromCharCode(96 + level);
      levels.push(`${name}: &${name} [${Array(10).fill(`*${below}`).join(',')}]`);
    }
    const { documents, problems } = parseManifest(levels.join('\n'));
    expect(documents).toEqual([]);
    expect(problems[0]?.message).toMatch(/alias/i);
  });

  it('T12 refuses what is nested too deep', () => {
    const { problems } = parseManifest(`a: ${'['.repeat(100)}${']'.repeat(100)}`);
    expect(problems[0]?.message).toContain('nested deeper');
  });

  it('T12 refuses a file that is too large', () => {
    expect(parseManifest('x'.repeat(9 * 1024 * 1024)).problems[0]?.message).toContain('larger');
  });
});
