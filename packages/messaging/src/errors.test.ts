import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('every error code stands in the README', () => {
  const codes = [...read('./errors.ts').matchAll(/'(AFFLUX_[A-Z_]+)'/g)].map(([, code]) => code);
  const readme = read('../README.md');
  expect(codes.length).toBeGreaterThan(0);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(readme).toContain(code);
});
