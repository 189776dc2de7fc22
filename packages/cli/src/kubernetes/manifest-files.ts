/**
 * `-f`: files, directories and standard input as objects. YAML 1.2 (with merge keys) or JSON, several documents,
 * lists taken apart. A file that cannot be read does not hide the others: what is wrong is in `problems`.
 *
 * Text from files is bounded in size, depth and aliases; no tag is obeyed.
 */
import { isRecord } from '@afflux/resources';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { CommandIo } from '../io.ts';
import { failedWith } from './failure.ts';
import type { KubeObject } from './objects.ts';

/** Largest file. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** Aliases that one document may resolve. */
const ALIASES_MAX = 100;
/** Nesting of an object. */
const DEPTH_MAX = 64;
/** Files of one command. */
const FILES_MAX = 10_000;
/** Lists may hold lists; more than this is nobody's manifest. */
const LIST_DEPTH_MAX = 4;

const EXTENSIONS = new Set(['.json', '.yaml', '.yml']);

/** An object that can be sent, and where it stands. */
export interface ManifestObject {
  readonly object: KubeObject & { readonly metadata: { readonly name: string } };
  readonly source: string;
}

export interface Manifests {
  readonly objects: readonly ManifestObject[];
  /** In kubectl's form, one for each thing that could not be read. */
  readonly problems: readonly string[];
}

export async function readManifests(
  io: CommandIo,
  { paths, recursive }: { readonly paths: readonly string[]; readonly recursive: boolean },
): Promise<Manifests> {
  const objects: ManifestObject[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    for (const source of await sourcesOf(path, recursive)) {
      const text =
        source === '-' ? (await io.readInput()).toString('utf8') : await readText(source);
      const found = parseManifests(text, source === '-' ? 'STDIN' : source);
      objects.push(...found.objects);
      problems.push(...found.problems);
    }
  }
  return { objects, problems };
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > FILE_BYTES_MAX) throw tooLarge(path);
  return readFile(path, 'utf8');
}

function tooLarge(source: string): Error {
  return failedWith(`error: ${source} is larger than ${String(FILE_BYTES_MAX / 1024 / 1024)} MiB`);
}

/** The files that a path stands for, in order of name. */
async function sourcesOf(path: string, recursive: boolean): Promise<readonly string[]> {
  if (path === '-') return [path];
  if (/^https?:\/\//i.test(path)) {
    throw failedWith(`error: ${path}: manifests are not fetched; download it and name the file`);
  }
  const info = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error);
    throw failedWith(`error: the path "${path}" does not exist`);
  });
  if (!info.isDirectory()) return [path];
  const files = await filesIn(path, recursive);
  if (files.length === 0) {
    const known = [...EXTENSIONS].join(' ');
    throw failedWith(`error: error reading [${path}]: recognized file extensions are [${known}]`);
  }
  if (files.length > FILES_MAX) {
    throw failedWith(`error: more than ${String(FILES_MAX)} manifests in ${path}`);
  }
  return files;
}

async function filesIn(directory: string, recursive: boolean): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive });
  return entries
    .filter((entry) => EXTENSIONS.has(extname(entry.name)) && !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function unreadable(path: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return failedWith(`error: ${path} cannot be read: ${why}`);
}

/** The objects of one text. Pure. */
export function parseManifests(text: string, source: string): Manifests {
  if (text.length > FILE_BYTES_MAX) throw tooLarge(source);
  const objects: ManifestObject[] = [];
  const problems: string[] = [];
  for (const value of documentsOf(text, source, problems)) {
    for (const item of itemsOf(value, LIST_DEPTH_MAX)) {
      const problem = problemOf(item);
      if (problem === undefined) objects.push({ object: item as ManifestObject['object'], source });
      else problems.push(`error: error validating "${source}": ${problem}`);
    }
  }
  return { objects, problems };
}

function documentsOf(text: string, source: string, problems: string[]): readonly unknown[] {
  const values: unknown[] = [];
  const report = (problem: string): void => {
    problems.push(`error: error parsing ${source}: ${problem}`);
  };
  try {
    const documents = parseAllDocuments(text, { merge: true });
    for (const document of 'empty' in documents ? [] : documents) {
      // A tag that nobody knows is a warning to the parser; here it is something that would be misread.
      const [problem] = [...document.errors, ...document.warnings];
      if (problem !== undefined) report(problem.message.split('\n')[0] ?? '');
      else values.push(document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown);
    }
  } catch (error) {
    // Aliases beyond the bound, or nesting that ends the stack of the parser.
    report(error instanceof Error ? error.message : String(error));
  }
  return values.filter((value) => value !== null && value !== undefined);
}

function itemsOf(value: unknown, depth: number): readonly unknown[] {
  const isList =
    isRecord(value) &&
    typeof value['kind'] === 'string' &&
    value['kind'].endsWith('List') &&
    Array.isArray(value['items']);
  if (!isList || depth === 0) return [value];
  return (value['items'] as unknown[]).flatMap((item) => itemsOf(item, depth - 1));
}

/** What keeps a value from being an object of the API; undefined when nothing does. */
function problemOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is no object but a text, number or list';
  if (!isText(value['apiVersion'])) return 'apiVersion not set';
  if (!isText(value['kind'])) return 'kind not set';
  const metadata = value['metadata'];
  if (!isRecord(metadata) || !isText(metadata['name'])) {
    return `metadata.name not set (of a ${value['kind']})`;
  }
  const { namespace } = metadata;
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    return 'metadata.namespace is no text';
  }
  if (isDeeperThan(value, DEPTH_MAX)) return `nested deeper than ${String(DEPTH_MAX)} levels`;
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}
