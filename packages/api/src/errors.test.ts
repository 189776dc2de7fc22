import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ApiError, ERROR_CODES } from './errors.ts';

describe('errors', () => {
  it('have unique codes, all explained in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
    expect(ERROR_CODES.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('carry the reason and status of their answer', () => {
    const error = new ApiError('AFFLUX_API_EXPIRED', 'too old');
    expect(error).toMatchObject({ reason: 'Expired', status: 410, fault: 'user' });
  });
});
