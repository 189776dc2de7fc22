/**
 * Changes a file that somebody else may be reading or writing: under the lock that kubectl takes, into a temporary
 * file beside it that then takes its name. A crash at any moment leaves the old file or the new one. A symbolic link
 * stays one; what it points to is changed.
 */
import {
  chmod,
  chown,
  link,
  mkdir,
  open,
  readFile,
  readlink,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failedWith } from './failure.ts';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const PERMISSION_BITS = 0o777;

/** Links that are followed; more is a circle. */
const LINKS_MAX = 40;

export interface FileChange {
  /** The text now; undefined where there is no file. Returns the new text. */
  readonly change: (text: string | undefined) => string;
}

export interface ChangedFile {
  /** The file itself, behind all links. */
  readonly path: string;
  readonly hasChanged: boolean;
  /** Permissions that it has now. */
  readonly mode: number;
}

/** Rejects, and leaves the file alone, when it cannot be read or written or somebody holds its lock. */
export async function changeFile(file: string, { change }: FileChange): Promise<ChangedFile> {
  const path = await behindLinks(resolve(file));
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  return withLock(`${path}.lock`, async () => {
    const old = await readIfThere(path);
    const mode = old?.mode ?? OWNER_ONLY_FILE;
    const text = change(old?.text);
    if (text === old?.text) return { path, hasChanged: false, mode };
    await replace(path, { text, mode, owner: old?.owner });
    return { path, hasChanged: true, mode };
  });
}

interface OldFile {
  readonly text: string;
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number };
}

async function readIfThere(path: string): Promise<OldFile | undefined> {
  try {
    const { mode, uid, gid } = await stat(path);
    const text = await readFile(path, 'utf8');
    return { text, mode: mode & PERMISSION_BITS, owner: { uid, gid } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw problem(`cannot read ${path}`, error);
  }
}

/** The path at the end of all links, which need not be there. */
async function behindLinks(file: string): Promise<string> {
  let path = file;
  for (let links = 0; links < LINKS_MAX; links += 1) {
    const target = await readlink(path).catch(() => undefined);
    if (target === undefined) return path;
    path = resolve(dirname(path), target);
  }
  throw failedWith(`error: ${file} is a link that leads in circles`);
}

async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  try {
    await (await open(lock, 'wx', 0)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw problem(`cannot write ${lock}`, error);
    throw failedWith(
      `error: ${lock} is there: another program changes the file now; if none does, remove it`,
    );
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function replace(
  path: string,
  {
    text,
    mode,
    owner,
  }: { readonly text: string; readonly mode: number; readonly owner: OldFile['owner'] | undefined },
): Promise<void> {
  // The lock is ours, so no other name is needed.
  const temporary = `${path}.afflux-new`;
  await rm(temporary, { force: true });
  try {
    const handle = await open(temporary, 'wx', OWNER_ONLY_FILE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // The owner can be kept by root only; for everybody else it is the same already, or cannot be helped.
    if (owner !== undefined) await chown(temporary, owner.uid, owner.gid).catch(() => undefined);
    await chmod(temporary, mode);
    if (owner === undefined) {
      // A file that appeared meanwhile is somebody's: linking fails where renaming would overwrite.
      await link(temporary, path);
    } else {
      await rename(temporary, path);
    }
  } catch (error) {
    throw problem(`cannot write ${path}`, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

function problem(what: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return failedWith(`error: ${what}: ${why}`);
}
