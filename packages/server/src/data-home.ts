/**
 * The data directory of a process that has one: opened before anything else, closed after everything else. The store
 * gets its objects back from it and keeps them there; durable channels stand on the same directory.
 *
 * The library behind it is loaded only where there is a directory.
 */
import type { MemoryStore } from '@afflux/control';
import type { DataDirectory } from '@afflux/data-directory';
import { BaseComponent, type Clock, type Logger } from '@afflux/kernel';
import type { CustomResourceDefinition } from '@afflux/resources';
import type { UserKinds } from './cluster/user-kinds.ts';

/** Table of the objects. */
const OBJECTS = 'objects';

export interface DataHomeOptions {
  /** Absent: everything is in memory. */
  readonly path: string | undefined;
  readonly store: MemoryStore;
  readonly userKinds: UserKinds;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class DataHome extends BaseComponent {
  readonly name = 'data directory';
  readonly #options: DataHomeOptions;
  #directory: DataDirectory | undefined;

  constructor(options: DataHomeOptions) {
    super();
    this.#options = options;
  }

  /** Where durable channels are; undefined without a data directory. Only while running. */
  get directory(): DataDirectory | undefined {
    return this.#directory;
  }

  /** Rejects when the directory cannot be used, or another process uses it. */
  protected override async onStart(): Promise<void> {
    const { path, store, userKinds, clock, logger } = this.#options;
    if (path === undefined) return;
    const { openDataDirectory, openKeyValueTable } = await import('@afflux/data-directory');
    this.#directory = openDataDirectory(path, { clock, logger });
    await store.restore(openKeyValueTable(this.#directory, OBJECTS), (object) => {
      userKinds.learn(object as CustomResourceDefinition);
    });
  }

  protected override async onClose(): Promise<void> {
    await this.#options.store.close();
    await this.#directory?.close();
  }
}
