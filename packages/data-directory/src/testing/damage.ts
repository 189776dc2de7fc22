/** What a bad disk does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FILE } from '../environment.ts';

/** Changes the first byte of each place in the data file of a stopped directory that has these bytes. */
export function damage(directory: string, what: Buffer): void {
  const file = join(directory, DATA_FILE);
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(what); at >= 0; at = bytes.indexOf(what, at + 1)) bytes[at] = 0x42;
  writeFileSync(file, bytes);
}
