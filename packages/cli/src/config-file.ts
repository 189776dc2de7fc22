/** Reads `afflux.yaml`: the file that `--config` names, or the one in the working directory if there is one. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseConfigText, ServerError, type ConfigInput } from '@afflux/server';
import { usageError } from './errors.ts';

const DEFAULT_FILE = 'afflux.yaml';

export async function readConfigFile(path: string | undefined): Promise<ConfigInput> {
  const file = resolve(path ?? DEFAULT_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && path === undefined) return {};
    throw usageError(
      `cannot read the configuration ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  try {
    const config = parseConfigText(text, file);
    // Paths in the file are meant from where the file is.
    const from = dirname(file);
    return {
      ...config,
      manifests: (config.manifests ?? []).map((entry) => resolve(from, entry)),
      ...(config.dataDir === undefined ? {} : { dataDir: resolve(from, config.dataDir) }),
      ...(config.controlTls === undefined ? {} : { controlTls: tlsFiles(from, config.controlTls) }),
    };
  } catch (error) {
    if (error instanceof ServerError) throw usageError(error.message);
    throw error;
  }
}

function tlsFiles(
  from: string,
  { certFile, keyFile }: NonNullable<ConfigInput['controlTls']>,
): ConfigInput['controlTls'] {
  return { certFile: resolve(from, certFile), keyFile: resolve(from, keyFile) };
}
