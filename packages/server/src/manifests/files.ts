/** Which files hold manifests, and what is in them. Directories are read recursively, in order of name. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ServerError } from '../errors.ts';

/** Files beyond this many below the given paths are an error: somebody named the wrong directory. */
const MANIFEST_FILES_MAX = 10_000;

const EXTENSIONS = /\.(ya?ml|json)$/i;
/** The project file is no manifest, unless somebody names it as one. */
const PROJECT_FILE = /(^|[\\/])afflux\.ya?ml$/i;

/** A file as read; `text` is undefined, with a reason, when it could not be. */
export interface ManifestFile {
  readonly path: string;
  readonly text: string | undefined;
  readonly reason?: string;
}

/**
 * All manifest files below the paths: a file is taken whatever its name, a directory contributes its `.yaml`,
 * `.yml` and `.json` files; hidden entries and `node_modules` are left out. Throws
 * `AFFLUX_SERVER_MANIFEST_PATH` for a path that is not there.
 */
export async function listManifestFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) await collect(resolve(path), found, true);
  return [...new Set(found)];
}

async function collect(path: string, found: string[], isNamed: boolean): Promise<void> {
  const info = await stat(path).catch((error: unknown) => {
    // A file that vanished between listing and reading is simply not there any more.
    if (!isNamed) return undefined;
    throw new ServerError(`no such file or directory: ${path}`, {
      code: 'AFFLUX_SERVER_MANIFEST_PATH',
      fault: 'user',
      cause: error,
      details: { path },
    });
  });
  if (info === undefined) return;
  if (info.isFile()) {
    if (isNamed || (EXTENSIONS.test(path) && !PROJECT_FILE.test(path))) found.push(path);
    if (found.length > MANIFEST_FILES_MAX) {
      throw new ServerError(
        `more than ${String(MANIFEST_FILES_MAX)} manifest files below ${path}`,
        {
          code: 'AFFLUX_SERVER_MANIFEST_PATH',
          fault: 'user',
          details: { path },
        },
      );
    }
    return;
  }
  if (!info.isDirectory()) return;
  const names = await readdir(path).catch(() => []);
  for (const name of names.sort()) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    await collect(join(path, name), found, false);
  }
}

/** Reads one file; never rejects. */
export async function readManifestFile(path: string): Promise<ManifestFile> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    return {
      path,
      text: undefined,
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}
