import { readFileSync } from 'node:fs';
import { AffluxError } from '@afflux/kernel';
import { expect, test } from 'vitest';
import { tracingUnavailable } from './errors.ts';

test('every code of this package is in its README, once', () => {
  const source = readFileSync(new URL('errors.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const codes = new Set(source.match(/AFFLUX_OBSERVABILITY_[A-Z_]+/g));
  expect(codes.size).toBeGreaterThan(0);
  expect([...codes].filter((code) => readme.split(`\`${code}\``).length !== 2)).toEqual([]);
});

test('tells what to install, whose move it is, and what went wrong', () => {
  const cause = new Error('not found');
  const error = tracingUnavailable(cause);
  expect(error).toBeInstanceOf(AffluxError);
  expect(error).toMatchObject({ cause, fault: 'user', retryable: false });
  expect(error.message).toContain('@afflux/observability');
});
