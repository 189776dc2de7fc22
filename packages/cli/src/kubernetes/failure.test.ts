import { AffluxError } from '@afflux/kernel';
import { statusError } from '@afflux/control-kubernetes';
import { describe, expect, it } from 'vitest';
import { Failures, failureText } from './failure.ts';

function invalid(...fields: string[]) {
  return statusError({
    kind: 'Status',
    code: 422,
    reason: 'Invalid',
    message: 'Broker "main" is invalid: all of it',
    details: {
      kind: 'Broker',
      name: 'main',
      causes: fields.map((field) => ({ field, message: 'Required value' })),
    },
  });
}

function textOf(...errors: unknown[]): string {
  const failures = new Failures();
  for (const error of errors) failures.add(error);
  try {
    failures.end();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('failures', () => {
  it('of none are none', () => {
    expect(textOf()).toBe('');
  });

  it('name the fields of the only object that is invalid', () => {
    expect(textOf(invalid('spec.a'))).toBe('The Broker "main" is invalid: spec.a: Required value');
    expect(textOf(invalid('spec.a', 'spec.b', 'spec.a'))).toBe(
      'The Broker "main" is invalid: \n* spec.a: Required value\n* spec.b: Required value',
    );
  });

  it('quote the server where there are several', () => {
    const line = 'Error from server (Invalid): Broker "main" is invalid: all of it';
    expect(textOf(invalid('spec.a'), invalid('spec.a'))).toBe(`${line}\n${line}`);
  });

  it('do not go on after an interruption', () => {
    const error = new AffluxError('stopped', { code: 'AFFLUX_KERNEL_ABORTED' });
    expect(() => textOf(error)).toThrow(error);
  });
});

describe('what is no operating error', () => {
  it('is a bug and thrown on', () => {
    const bug = new TypeError('a bug');
    expect(() => failureText(bug)).toThrow(bug);
  });
});
