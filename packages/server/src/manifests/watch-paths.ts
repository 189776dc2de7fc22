/**
 * Says when something below some paths may have changed. `fs.watch` is quick but differs between systems (no
 * recursion on some, missed events on network disks, editors that replace files), so it only gives the hint;
 * a slow poll of names, sizes and times gives the certainty. What changed is for the caller to find out.
 */
import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Clock, Timer } from '@afflux/kernel';
import { listManifestFiles } from './files.ts';

/** Quiet time after a hint before the caller is told: editors write in several steps. */
const DEBOUNCE_MS = 30;
/** How often names, sizes and times are compared, for systems that gave no hint. */
const POLL_MS = 1_000;

export class PathWatcher {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #debounce: Timer | undefined;
  #poll: Timer | undefined;
  #fingerprint = '';
  #isClosed = false;

  constructor(paths: readonly string[], clock: Clock, onChange: () => void) {
    this.#paths = paths;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  async start(): Promise<void> {
    this.#fingerprint = await this.#takeFingerprint();
    await this.#watchDirectories();
    this.#armPoll();
  }

  close(): void {
    this.#isClosed = true;
    this.#debounce?.cancel();
    this.#poll?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #hint(): void {
    this.#debounce?.cancel();
    this.#debounce = this.#clock.setTimer(DEBOUNCE_MS, () => void this.#look());
  }

  #armPoll(): void {
    if (this.#isClosed) return;
    this.#poll = this.#clock.setTimer(POLL_MS, () => {
      void this.#look().then(() => {
        this.#armPoll();
      });
    });
  }

  /** Never rejects: a path that is away for a moment is looked at again. */
  async #look(): Promise<void> {
    const fingerprint = await this.#takeFingerprint();
    if (this.#isClosed || fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    await this.#watchDirectories();
    this.#onChange();
  }

  async #takeFingerprint(): Promise<string> {
    const files = await listManifestFiles(this.#paths).catch(() => []);
    const parts = await Promise.all(
      files.map(async (file) => {
        const info = await stat(file, { bigint: true }).catch(() => undefined);
        return `${file}|${String(info?.size)}|${String(info?.mtimeNs)}|${String(info?.ino)}`;
      }),
    );
    return parts.join('\n');
  }

  /** One watcher per directory that holds a manifest or was named; gone directories lose theirs. */
  async #watchDirectories(): Promise<void> {
    const files = await listManifestFiles(this.#paths).catch(() => []);
    const wanted = new Set(files.map((file) => dirname(file)));
    for (const path of this.#paths) {
      const info = await stat(path).catch(() => undefined);
      if (info?.isDirectory() === true) wanted.add(resolve(path));
    }
    if (this.#isClosed) return;
    for (const [directory, watcher] of this.#watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of wanted) {
      if (this.#watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, () => {
          this.#hint();
        });
        watcher.on('error', () => {
          watcher.close();
          this.#watchers.delete(directory);
        });
        this.#watchers.set(directory, watcher);
      } catch {
        // Too many watches, or a file system without them: the poll does it.
      }
    }
  }
}
