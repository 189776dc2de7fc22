import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  directoryDamaged,
  directoryInUse,
  directoryUnusable,
  DurableError,
  type DurableErrorCode,
  formatNewer,
} from './errors.ts';

const one: Readonly<Record<DurableErrorCode, DurableError>> = {
  AFFLUX_DURABLE_DIRECTORY_DAMAGED: directoryDamaged('/data', 'it is cut'),
  AFFLUX_DURABLE_DIRECTORY_IN_USE: directoryInUse('/data', 7),
  AFFLUX_DURABLE_DIRECTORY_UNUSABLE: directoryUnusable('/data', new Error('read-only')),
  AFFLUX_DURABLE_FORMAT_NEWER: formatNewer('/data', 2, 1),
};

test('every error carries its code and the directory, and the README explains each code', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const [code, error] of Object.entries(one)) {
    expect(error).toBeInstanceOf(DurableError);
    expect(error.code).toBe(code);
    expect(error.message).toContain('/data');
    expect(readme).toContain(`\`${code}\``);
  }
});
