import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('documents every error code, each once', () => {
  const source = readFileSync(new URL('./errors.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/\| '(AFFLUX_[A-Z_]+)'/g)].map(([, code]) => code ?? '');
  expect(codes.length).toBeGreaterThan(0);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
