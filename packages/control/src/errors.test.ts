import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  AddressError,
  ERROR_CODES,
  isAlreadyExists,
  isConflict,
  isExpired,
  isNotFound,
  RequeueAfter,
  StoreError,
} from './errors.ts';

describe('errors', () => {
  it('have unique codes, all explained in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
    expect(ERROR_CODES.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('carry the reason and status that the refusal has over HTTP', () => {
    const error = new StoreError('AFFLUX_STORE_EXPIRED', 'too old');
    expect(error).toMatchObject({
      reason: 'Expired',
      status: 410,
      retryable: false,
      fault: 'user',
    });
    const busy = new StoreError('AFFLUX_STORE_UNAVAILABLE', 'away');
    expect(busy).toMatchObject({ status: 503, retryable: true, fault: 'system' });
  });

  it('are told apart by reason, not by status', () => {
    const conflict = new StoreError('AFFLUX_STORE_CONFLICT', 'x');
    const exists = new StoreError('AFFLUX_STORE_ALREADY_EXISTS', 'x');
    expect([conflict.status, exists.status]).toEqual([409, 409]);
    expect([isConflict(conflict), isConflict(exists)]).toEqual([true, false]);
    expect([isAlreadyExists(conflict), isAlreadyExists(exists)]).toEqual([false, true]);
    expect([isNotFound(conflict), isExpired(conflict), isNotFound('text')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(isNotFound(new StoreError('AFFLUX_STORE_KIND_UNKNOWN', 'x'))).toBe(true);
  });

  it('say of an address why there is none', () => {
    expect(new AddressError('AFFLUX_ADDRESS_NOT_FOUND', 'x').reason).toBe('NotFound');
  });

  it('carry the delay of a requeue', () => {
    expect(new RequeueAfter(250)).toMatchObject({ delayMs: 250, retryable: true });
  });
});
