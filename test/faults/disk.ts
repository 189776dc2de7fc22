/** A disk of a few megabytes, in memory, that can be made full and given room again. */
import { execFile } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOMY = '512m';

export function mayMount(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'only root can mount a small disk';
}

export async function mountDisk(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${ROOMY}`, 'afflux-faults', path]);
}

const MORE_BYTES = 64 * 1024;
const TRIES = 20;

/** Leaves so many bytes free, or some more where others write meanwhile: what is used cannot be taken away. */
export async function fillDisk(path: string, freeBytes: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const { blocks, bfree, bsize } = await statfs(path);
    const sizeBytes = (blocks - bfree) * bsize + freeBytes + attempt * MORE_BYTES;
    try {
      await run('mount', ['-o', `remount,size=${String(sizeBytes)}`, path]);
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}

export async function giveRoom(path: string): Promise<void> {
  await run('mount', ['-o', `remount,size=${ROOMY}`, path]);
}

export async function unmountDisk(path: string): Promise<void> {
  await run('umount', [path]);
}
