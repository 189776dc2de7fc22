import { AffluxError } from '@afflux/kernel';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RESOURCES_ERROR_CODES, validationError } from './errors.ts';
import { FieldErrors } from './field-errors.ts';

test('every error code is explained in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const code of RESOURCES_ERROR_CODES) expect(readme).toContain(`\`${code}\``);
  expect(new Set(RESOURCES_ERROR_CODES).size).toBe(RESOURCES_ERROR_CODES.length);
});

test('the exception form of field errors has their text and their entries', () => {
  const error = validationError(new FieldErrors().missing('spec.broker'));
  expect(error).toBeInstanceOf(AffluxError);
  expect(error.message).toBe('validation failed: missing field(s): spec.broker');
  expect(error.code).toBe('AFFLUX_RESOURCES_INVALID');
  expect(error.fault).toBe('user');
  expect(error.details).toEqual({
    problems: [{ message: 'missing field(s)', paths: ['spec.broker'] }],
  });
});
