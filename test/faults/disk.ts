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

/** Leaves so many bytes free. */
export async function fillDisk(path: string, freeBytes: number): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(path);
  const usedBytes = (blocks - bfree) * bsize;
  await run('mount', ['-o', `remount,size=${String(usedBytes + freeBytes)}`, path]);
}

export async function giveRoom(path: string): Promise<void> {
  await run('mount', ['-o', `remount,size=${ROOMY}`, path]);
}

export async function unmountDisk(path: string): Promise<void> {
  await run('umount', [path]);
}
