/**
 * Kubeconfig files as data: reading the YAML, merging several files as kubectl does, and reading single fields with
 * errors that name the file and the field.
 *
 * Of several files the first that has a cluster, context or user of a name wins, whole entry by whole entry, and so
 * does the first `current-context`. Paths inside a file are relative to its directory.
 */
import { isRecord } from '@afflux/resources';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { KubernetesError } from './errors.ts';

/** Largest kubeconfig file that is read. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** Part of a kubeconfig file that knows where it is. */
export class Section {
  readonly file: string;
  readonly path: string;
  readonly #fields: Fields;

  constructor(file: string, path: string, fields: Fields) {
    this.file = file;
    this.path = path;
    this.#fields = fields;
  }

  /** What stands there, as it is. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  /** A text; undefined where there is none, or an empty one. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw this.invalid(name, 'must be a text');
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw(name) ?? false;
    if (typeof value !== 'boolean') throw this.invalid(name, 'must be true or false');
    return value;
  }

  /** Fields below this one; undefined where there are none. */
  section(name: string): Section | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    if (!isRecord(value)) throw this.invalid(name, 'must be a map');
    return new Section(this.file, this.#pathOf(name), value);
  }

  list(name: string): readonly Section[] {
    const value = this.raw(name) ?? [];
    if (!Array.isArray(value)) throw this.invalid(name, 'must be a list');
    return value.map((item: unknown, index) => {
      const place = `${name}[${String(index)}]`;
      if (!isRecord(item)) throw this.invalid(place, 'must be a map');
      return new Section(this.file, this.#pathOf(place), item);
    });
  }

  /** An absolute path; relative ones start at the directory of the file. */
  filePath(name: string): string | undefined {
    const path = this.text(name);
    return path === undefined ? undefined : resolve(dirname(this.file), path);
  }

  /** The text in `<name>-data` (base64), or in the file that `<name>` names. */
  async pem(name: string): Promise<string | undefined> {
    const data = this.text(`${name}-data`);
    if (data !== undefined) {
      const text = Buffer.from(data, 'base64').toString('utf8');
      if (text.includes('-----BEGIN ')) return text;
      throw this.invalid(`${name}-data`, 'must be PEM in base64');
    }
    const path = this.filePath(name);
    if (path === undefined) return undefined;
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      throw this.invalid(name, `the file ${path} cannot be read`, cause);
    }
  }

  invalid(name: string, problem: string, cause?: unknown): KubernetesError {
    return invalidField(this.file, this.#pathOf(name), problem, cause);
  }

  unsupported(name: string, what: string): KubernetesError {
    const field = this.#pathOf(name);
    return new KubernetesError(
      'AFFLUX_KUBERNETES_CONFIG_UNSUPPORTED',
      `${this.file}: ${field}: ${what}`,
      { details: { file: this.file, field } },
    );
  }

  #pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

function invalidField(
  file: string,
  field: string,
  problem: string,
  cause?: unknown,
): KubernetesError {
  const place = field === '' ? '' : ` ${field}:`;
  return new KubernetesError('AFFLUX_KUBERNETES_CONFIG_INVALID', `${file}:${place} ${problem}`, {
    cause,
    details: { file, field },
  });
}

/** Reads the text of a kubeconfig file. `file` is for messages, and where relative paths start. */
export function parseKubeconfig(file: string, text: string): Section {
  if (text.length > FILE_BYTES_MAX) {
    throw invalidField(file, '', `is larger than ${String(FILE_BYTES_MAX)} bytes`);
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  // The message of the parser quotes the line, which may be a secret; its first line says the rest.
  if (error !== undefined) throw invalidField(file, '', error.message.split('\n')[0] ?? '');
  const content: unknown = document.toJS();
  if (content === null || content === undefined) return new Section(file, '', {});
  if (!isRecord(content)) throw invalidField(file, '', 'is not a kubeconfig: it must be a map');
  const kind = content['kind'];
  if (kind !== undefined && kind !== '' && kind !== 'Config') {
    throw invalidField(file, 'kind', `must be Config, not ${JSON.stringify(kind)}`);
  }
  return new Section(file, '', content);
}

/** The file, or undefined where there is none. */
export async function readKubeconfig(file: string): Promise<Section | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalidField(file, '', 'cannot be read', cause);
  }
  return parseKubeconfig(file, text);
}

/** An entry of one of the three lists, e.g. `clusters` and `cluster`; the first of that name in any file. */
export function findEntry(
  files: readonly Section[],
  list: string,
  field: string,
  name: string,
): Section | undefined {
  for (const file of files) {
    const entry = file.list(list).find((candidate) => candidate.text('name') === name);
    if (entry !== undefined) {
      const content = entry.section(field);
      return content ?? new Section(entry.file, `${entry.path}.${field}`, {});
    }
  }
  return undefined;
}

/** Names of all entries of a list. */
export function entryNames(files: readonly Section[], list: string): string[] {
  const names = files.flatMap((file) => file.list(list).map((entry) => entry.text('name')));
  return [...new Set(names.filter((name) => name !== undefined))];
}
