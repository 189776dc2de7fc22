/** The file driver as the conformance kit wants it, also in the process that the kit kills. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileDriver } from './file-driver.ts';

export function directoryOf(place: string): string {
  return join(tmpdir(), place);
}

export const fileSubject = {
  driver: (place: string) => fileDriver(directoryOf(place)),
  assertClean: (place: string): void => {
    rmSync(directoryOf(place), { recursive: true, force: true });
  },
};
