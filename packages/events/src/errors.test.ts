import { AffluxError } from '@afflux/kernel';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EventsError, LIMITS } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const source = readFileSync(new URL('errors.ts', import.meta.url), 'utf8');

test('each error code is explained in the README', () => {
  const codes = [...new Set(source.match(/AFFLUX_EVENTS_[A-Z_]+/g))];
  expect(codes).toHaveLength(5);
  for (const code of codes) expect(readme).toContain(`| \`${code}\``);
});

test('each limit is in the README with its default', () => {
  for (const [name, value] of Object.entries(LIMITS)) {
    expect(readme).toMatch(new RegExp(`\\| \`${name}\` +\\| ${String(value)} +\\|`));
  }
});

test('an error is an AffluxError whose message lists where and what', () => {
  const error = new EventsError('AFFLUX_EVENTS_INVALID', 400, [
    { attribute: 'id', reason: 'is missing' },
    { attribute: 'time', index: 3, reason: 'is wrong' },
  ]);
  expect(error).toBeInstanceOf(AffluxError);
  expect(error.message).toBe('the event is invalid: id is missing; [3] time is wrong');
});
