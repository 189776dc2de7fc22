import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FiltersErrorCode } from './errors.ts';

/** The type makes the list complete: a new code does not compile until it stands here. */
const CODES: Readonly<Record<FiltersErrorCode, true>> = {
  AFFLUX_FILTERS_INVALID: true,
  AFFLUX_FILTERS_CESQL_PARSE: true,
};

it('every error code is in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const code of Object.keys(CODES)) expect(readme).toContain(`\`${code}\``);
});
