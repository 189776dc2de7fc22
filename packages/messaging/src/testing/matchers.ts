/** Asymmetric matchers that read like the statement they make. */
import type { Condition } from '@afflux/resources';
import { expect } from 'vitest';

/** `conditions` has these, among others. */
export function conditions(...wanted: readonly Partial<Condition>[]): unknown {
  return expect.arrayContaining(
    wanted.map((condition) => expect.objectContaining(condition) as unknown),
  );
}

/** An object without this field. */
export function without(field: string): unknown {
  return expect.not.objectContaining({ [field]: expect.anything() as unknown });
}

/** A text that contains this one. */
export function containing(text: string): string {
  return expect.stringContaining(text) as string;
}
