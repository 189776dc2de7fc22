/**
 * A process that writes to a table: `node writer-process.js DIRECTORY SEED FROM COUNT`. It says `ready` when the
 * directory is open, then makes the batches `FROM` to `FROM + COUNT - 1` of the seed, several at a time, and says
 * `written N` as soon as one resolves. With the count 0 it only keeps the directory open. What goes wrong it says with
 * the error's code; then it writes once more, says whether that was refused, and closes.
 */
import { noopLogger, systemClock } from '@afflux/kernel';
import { writeSync } from 'node:fs';
// A process that tests start: its arguments are its configuration.
// eslint-disable-next-line no-restricted-imports
import { argv } from 'node:process';
import { type DataDirectory, openDataDirectory } from '../directory.ts';
import { openKeyValueTable } from '../key-value-table.ts';
import { batchOf } from './batches.ts';

const AT_A_TIME = 5;

const [path = '', ...numbers] = argv.slice(2);
const [seed = 0, from = 1, count = 0] = numbers.map(Number);

let directory: DataDirectory | undefined;
try {
  directory = openDataDirectory(path, { clock: systemClock, logger: noopLogger });
  const table = openKeyValueTable(directory, 'written');
  writeSync(1, 'ready\n');
  if (count === 0) await new Promise((resolve) => process.stdin.once('data', resolve));
  let next = from;
  const writeOn = async (): Promise<void> => {
    while (next < from + count) {
      const number = next;
      next += 1;
      await table.write(batchOf(seed, number));
      writeSync(1, `written ${String(number)}\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, writeOn));
} catch (error) {
  say('failed', error);
  process.exitCode = 1;
  if (directory !== undefined) {
    const again = openKeyValueTable(directory, 'written').write([{ key: 'again', value: '' }]);
    await again.catch((refusal: unknown) => {
      say('refused', refusal);
    });
  }
}
await directory?.close();
writeSync(1, 'closed\n');

function say(word: string, error: unknown): void {
  const { code = '', message } = error as { code?: string; message: string };
  writeSync(1, `${word} ${code} ${message}\n`);
}
