import { describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import { readYaml } from './yaml-body.ts';

describe('a body in YAML', () => {
  it('is read', () => {
    expect(readYaml('a: &x {b: [c, 1]}\nd: *x\n')).toEqual({
      a: { b: ['c', 1] },
      d: { b: ['c', 1] },
    });
  });

  it.each([
    ['a: !!binary aGVsbG8=', 'tags are not read: !!binary'],
    ['a: [', 'Flow sequence in block collection must be sufficiently indented'],
    ['['.repeat(101), 'nested deeper than 100 levels'],
  ])('T12 is refused in one line: %s', (text, reason) => {
    const read = (): unknown => readYaml(text);
    expect(read).toThrow(ApiError);
    expect(read).toThrow(`error converting YAML to JSON: ${reason}`);
    expect(read).not.toThrow(/\n/);
  });
});
