/** The built command in a process of its own, so that its memory and its sockets are its own and can be measured. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { startDev } from '../process/command.ts';
import { ApiClient, configMaps, makeNamespace } from './api-client.ts';

/** Where a process can be looked at from outside. */
export const canMeasure = process.platform === 'linux';

export interface MeasuredServer {
  readonly api: ApiClient;
  /** ConfigMaps of a namespace that is its own. */
  readonly path: string;
  /** Resident memory of the process, in bytes. */
  readonly memory: () => Promise<number>;
  /** Sockets that the process holds. */
  readonly sockets: () => Promise<number>;
}

export async function startMeasuredServer(): Promise<MeasuredServer> {
  const {
    process: { pid },
    controlUrl,
  } = await startDev([]);
  const api = new ApiClient(controlUrl);
  onTestFinished(() => api.close());
  const path = configMaps(await makeNamespace(api, 'watched'));
  return {
    api,
    path,
    memory: async () => {
      const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
    sockets: async () => {
      const directory = `/proc/${String(pid)}/fd`;
      const targets = await Promise.all(
        (await readdir(directory)).map((fd) => readlink(`${directory}/${fd}`).catch(() => '')),
      );
      return targets.filter((target) => target.startsWith('socket:')).length;
    },
  };
}
