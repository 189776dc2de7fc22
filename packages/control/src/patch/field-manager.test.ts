import { describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import { checkManager, managerFromUserAgent } from './field-manager.ts';

describe('managerFromUserAgent', () => {
  it.each([
    ['the program', 'kubectl/v1.32.4 (linux/amd64) kubernetes/abc', 'kubectl'],
    ['all of it without a slash', 'curl', 'curl'],
    ['spaces', 'my tool/1', 'my tool'],
    ['letters of any script', 'größe-数/1', 'größe-数'],
    ['nothing that cannot be printed', 'a\tb\u00a0c\u200bd/1', 'abcd'],
    ['at most 128 bytes', 'x'.repeat(200), 'x'.repeat(128)],
    ['whole characters only', 'x'.repeat(127) + 'é', 'x'.repeat(127)],
    ['unknown for no name', '/1.0', 'unknown'],
    ['unknown for no user agent', undefined, 'unknown'],
  ])('takes %s', (_, userAgent, manager) => {
    expect(managerFromUserAgent(userAgent)).toBe(manager);
  });
});

describe('checkManager', () => {
  function refusal(manager: string | undefined): StoreError | undefined {
    try {
      checkManager(manager, 'PatchOptions', { isRequired: true });
    } catch (error) {
      if (error instanceof StoreError) return error;
      throw error;
    }
    return undefined;
  }

  // The words are those of kube-apiserver 1.33.
  it.each([
    [undefined, 'fieldManager: Required value: is required for apply patch', 'FieldValueRequired'],
    ['', 'fieldManager: Required value: is required for apply patch', 'FieldValueRequired'],
    [
      'x'.repeat(129),
      'fieldManager: Too long: may not be more than 128 bytes',
      'FieldValueTooLong',
    ],
    ['é'.repeat(65), 'fieldManager: Too long: may not be more than 128 bytes', 'FieldValueTooLong'],
    [
      'a\tb',
      'fieldManager: Invalid value: "a\\tb": invalid character U+0009 (at position 1)',
      'FieldValueInvalid',
    ],
  ])('refuses %j', (manager, problem, reason) => {
    const error = refusal(manager);
    expect(error?.message).toBe(`PatchOptions.meta.k8s.io "" is invalid: ${problem}`);
    expect(error?.status).toBe(422);
    expect(error?.details['causes']).toEqual([
      { reason, message: problem.slice('fieldManager: '.length), field: 'fieldManager' },
    ]);
  });

  it('lists every problem', () => {
    expect(refusal(`${'x'.repeat(129)}\t`)?.details['causes']).toHaveLength(2);
  });

  it.each([['kubectl'], ['x'.repeat(128)], ['a b/c']])('takes %j', (manager) => {
    expect(refusal(manager)).toBeUndefined();
  });

  it('takes no manager where there is a default', () => {
    expect(() => {
      checkManager(undefined, 'UpdateOptions', { isRequired: false });
    }).not.toThrow();
  });
});
