import { describe, expect, it } from 'vitest';
import { parseModestYaml } from './modest-yaml.ts';

const ALIASES_MAX = 100;

describe('a document that JSON could have said', () => {
  it.each([
    ['a: 1\nb: [x, "y", null, true, 1.5]\n', { a: 1, b: ['x', 'y', null, true, 1.5] }],
    ['---\na:\n  - b: |\n      one\n      two\n', { a: [{ b: 'one\ntwo\n' }] }],
    ['a: &x {b: c}\nd: *x\n', { a: { b: 'c' }, d: { b: 'c' } }],
    ['1: a\n', { '1': 'a' }],
    ['a: 2001-12-14\nb: yes\n', { a: '2001-12-14', b: 'yes' }],
    ['', null],
  ])('is read: %j', (text, value) => {
    expect(parseModestYaml(text, ALIASES_MAX)).toEqual(value);
  });

  it('has keys of its own, also where they mean something to JavaScript', () => {
    const value = parseModestYaml('__proto__: {a: b}\n', ALIASES_MAX) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value).not.toHaveProperty('a');
  });

  it('may be large when it is one text', () => {
    const lines = '  line\n'.repeat(100_000);
    expect(parseModestYaml(`a: |\n${lines}`, ALIASES_MAX)).toHaveProperty('a');
  });
});

const DEEPER = Array.from({ length: 2_000 }, (_, line) => `${' '.repeat(line)}a:`).join('\n');

describe('T12 everything else is refused with a reason', () => {
  it.each([
    ['a tag', 'a: !!binary aGVsbG8=', 'tags are not read'],
    ['another version', '%YAML 1.1\n---\na: b', 'directives are not read'],
    ['a part that contains itself', 'a: &x {b: *x}', 'circular'],
    ['a key twice', 'a: b\na: c', 'the key "a" is there twice'],
    ['a key that is a list', '? [a]\n: b', 'keys must be texts'],
    ['a merge key', 'a: &x {b: c}\nd: {<<: *x}', 'merge keys are not read'],
    ['a number without an end', 'a: .inf', 'Infinity is no number of JSON'],
    ['two documents', 'a: b\n---\nc: d', 'multiple documents'],
    ['three documents', 'a: b\n---\nc: d\n---\n', 'more than one document'],
    ['an end without a beginning', 'a: b\n}', 'a bracket ends what did not begin'],
    ['a beginning without an end', '[', 'Flow sequence'],
    ['brackets behind a comment', `# "\na: ${'['.repeat(101)}`, 'deeper than 100 levels'],
    ['lists in lists', '- '.repeat(101), 'deeper than 100 levels'],
    ['lines that are deeper and deeper', DEEPER, 'stack'],
    ['aliases', `a: &a x\nb: [${'*a,'.repeat(101)}]`, 'more than 100 anchors or aliases'],
    ['very many lines', 'a:\n'.repeat(50_000), 'too long for YAML'],
  ])('%s', (_what, text, reason) => {
    expect(() => parseModestYaml(text, ALIASES_MAX)).toThrow(reason);
  });
});
