import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  busy,
  DataError,
  type DataErrorCode,
  directoryClosed,
  directoryDamaged,
  directoryInUse,
  directoryUnusable,
  formatNewer,
  notWritten,
  tooLarge,
} from './errors.ts';

const full = { message: 'no space', isFinal: false, isOutcomeKnown: true, cause: undefined };
const failed = { message: 'it failed', isFinal: true, isOutcomeKnown: false, cause: undefined };

const one: Readonly<Record<DataErrorCode, DataError>> = {
  AFFLUX_DATA_BUSY: busy('/data', 7),
  AFFLUX_DATA_DIRECTORY_CLOSED: directoryClosed('/data'),
  AFFLUX_DATA_DIRECTORY_DAMAGED: directoryDamaged('/data', 'it is cut'),
  AFFLUX_DATA_DIRECTORY_IN_USE: directoryInUse('/data', 7),
  AFFLUX_DATA_DIRECTORY_UNUSABLE: directoryUnusable('/data', new Error('read-only')),
  AFFLUX_DATA_DISK_FAILED: notWritten('/data', failed),
  AFFLUX_DATA_DISK_FULL: notWritten('/data', full),
  AFFLUX_DATA_FORMAT_NEWER: formatNewer('/data', 2, 1),
  AFFLUX_DATA_TOO_LARGE: tooLarge('the value of /data', 8, 7),
};

test('every error carries its code and what it is about, and the README explains each code', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const [code, error] of Object.entries(one)) {
    expect(error).toBeInstanceOf(DataError);
    expect(error.code).toBe(code);
    expect(error.message).toContain('/data');
    expect(readme).toContain(`\`${code}\``);
  }
});

test('only what passes by itself is retryable', () => {
  const retryable = Object.values(one).filter((error) => error.retryable);
  expect(retryable.map(({ code }) => code)).toEqual(['AFFLUX_DATA_BUSY', 'AFFLUX_DATA_DISK_FULL']);
});
