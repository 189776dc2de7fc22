import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWellFormedJson } from './json-scanner.ts';

const DEPTH_MAX = 64;

/** What the platform's own parser says. */
function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isWellFormed(text: string): boolean {
  return isWellFormedJson(Buffer.from(text), DEPTH_MAX);
}

test.each([
  ...['0', '-0', '1.5e+10', '1E1', '""', '"\\u00e9\\n"', 'true', ' null ', '[]', '{}', '[1,[2]]'],
  ...['{"a":{"b":[]}}', '', ' ', '01', '1.', '.5', '-', '+1', '1e', 'tru', 'truex', 'nul', '[1,]'],
  ...['[,1]', '{"a"}', '{"a":}', '{a:1}', '{"a":1,}', '[1 2]', '1 2', '"', '"\\', '"\\u12', "'a'"],
  ...[
    '"\t"',
    '"\u007f"',
    '[',
    ']',
    '{',
    'NaN',
    'Infinity',
    '\ufeff1',
    '\u00a01',
    '"\u2028"',
    '// x\n1',
  ],
])('%j is judged as the platform judges it', (text) => {
  expect(isWellFormed(text)).toBe(parses(text));
});

test('random and damaged JSON is judged as the platform judges it', () => {
  const edit = fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 2 }),
    insert: fc.constantFrom(
      '',
      ',',
      ':',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      '0',
      '-',
      '.',
      'e',
      ' ',
      't',
      '\n',
    ),
  });
  const damaged = fc
    .tuple(fc.json({ maxDepth: 4 }), fc.array(edit, { maxLength: 3 }))
    .map(([json, edits]) =>
      edits.reduce((text, { at, cut, insert }) => {
        const position = at % (text.length + 1);
        return text.slice(0, position) + insert + text.slice(position + cut);
      }, json),
    )
    // A lone half of a pair would be replaced when the text becomes bytes.
    .filter((text) => !/\p{Surrogate}/u.test(text));
  fc.assert(
    fc.property(damaged, (text) => {
      expect(isWellFormed(text)).toBe(parses(text));
    }),
    { numRuns: 5000 },
  );
});

test('invalid UTF-8 is no JSON', () => {
  expect(isWellFormedJson(Buffer.from([0x22, 0xc3, 0x22]), DEPTH_MAX)).toBe(false);
  expect(isWellFormedJson(Buffer.from([0x22, 0xc3, 0xa9, 0x22]), DEPTH_MAX)).toBe(true);
});

test('T12 nesting is bounded, for arrays and objects alike', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const nested = (depth: number): string => open.repeat(depth) + '0' + close.repeat(depth);
    expect(isWellFormed(nested(DEPTH_MAX))).toBe(true);
    expect(isWellFormed(nested(DEPTH_MAX + 1))).toBe(false);
    expect(isWellFormed(nested(100_000))).toBe(false);
  }
});
