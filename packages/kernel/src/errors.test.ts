import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { abortedError, AffluxError, KernelError } from './errors.ts';

const options = { code: 'AFFLUX_KERNEL_ABORTED' } as const;

test('every code of this package is in its README, once', () => {
  const source = readFileSync(new URL('errors.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/\| '(AFFLUX_[A-Z_]+)'/g)].map(([, code]) => code ?? '');
  expect(codes.length).toBeGreaterThan(0);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter((code) => readme.split(`\`${code}\``).length !== 2)).toEqual([]);
});

test('has defaults that blame the system and do not promise that a retry helps', () => {
  const error = new AffluxError('broken', options);
  expect(error).toMatchObject({
    fault: 'system',
    retryable: false,
    details: {},
    message: 'broken',
  });
  expect('cause' in error).toBe(false);
  expect(error.name).toBe('AffluxError');
  expect(new KernelError('broken', options).name).toBe('KernelError');
});

test('keeps what it is given', () => {
  const cause = new Error('below');
  const error = new KernelError('broken', {
    ...options,
    cause,
    fault: 'user',
    retryable: true,
    details: { value: 5 },
  });
  expect(error).toMatchObject({ cause, fault: 'user', retryable: true, details: { value: 5 } });
});

test('is recognised across two copies of this package', async () => {
  vi.resetModules();
  const copy = await import('./errors.ts');
  expect(copy.AffluxError).not.toBe(AffluxError);
  const foreign = new copy.KernelError('broken', options);
  expect(foreign instanceof AffluxError).toBe(true);
  expect(new KernelError('broken', options) instanceof copy.AffluxError).toBe(true);
  // Subclasses of two copies are told apart: there the code is what to look at.
  expect(foreign instanceof KernelError).toBe(false);
});

test('nothing else passes for one', () => {
  class OtherError extends AffluxError {}
  expect(new Error('plain') instanceof AffluxError).toBe(false);
  expect({ code: 'AFFLUX_KERNEL_ABORTED' } instanceof AffluxError).toBe(false);
  expect((null as unknown) instanceof AffluxError).toBe(false);
  expect(('text' as unknown) instanceof AffluxError).toBe(false);
  expect(new OtherError('broken', options) instanceof KernelError).toBe(false);
  expect(new KernelError('broken', options) instanceof KernelError).toBe(true);
});

test('an aborted wait carries the reason of the signal', () => {
  const reason = new Error('time is up');
  const error = abortedError(AbortSignal.abort(reason));
  expect(error).toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED', cause: reason });
});

test('a routine error has no stack trace, and the next one has its own again', () => {
  const routine = new AffluxError('full', { ...options, isRoutine: true });
  const other = new AffluxError('broken', options);
  expect(routine.stack).not.toContain('errors.test.ts');
  expect(other.stack).toContain('errors.test.ts');
});
