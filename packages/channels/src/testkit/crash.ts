/** Starting the process of `crash-child.ts`, listening to it, and killing it. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { CrashOrder, CrashWord } from './crash-child.ts';
import type { World } from './world.ts';

/** The built file, also when the kit itself runs from its sources. */
const CHILD = fileURLToPath(new URL('../../dist/testkit/crash-child.js', import.meta.url));

export class CrashingProcess {
  readonly #child: ChildProcess;
  readonly #heard = new Map<CrashWord, string[]>();
  readonly #ended: Promise<void>;
  #errors = '';
  #isOver = false;

  constructor(order: CrashOrder) {
    expect(existsSync(CHILD), `${CHILD}: build the packages first (tsc -b)`).toBe(true);
    const child = fork(CHILD, { execArgv: [], silent: true });
    this.#child = child;
    child.send(order);
    assert(child.stdout !== null && child.stderr !== null);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const [word, id = ''] = line.split(' ');
      this.heard(word as CrashWord).push(id);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    const closed = new Promise((resolve) => lines.once('close', resolve));
    const exited = new Promise((resolve) => child.once('close', resolve));
    this.#ended = Promise.all([closed, exited]).then(() => {
      this.#isOver = true;
    });
  }

  /** Ids that came with the word, in the order said. */
  heard(word: CrashWord): string[] {
    const ids = this.#heard.get(word) ?? [];
    this.#heard.set(word, ids);
    return ids;
  }

  /** Waits until the word was said so often. */
  async hears(world: World, word: CrashWord, times: number): Promise<void> {
    await world.soon(() => this.#isOver || this.heard(word).length >= times || undefined);
    expect(this.#isOver, `the process ended by itself: ${this.#errors}`).toBe(false);
    expect(this.heard(word).length).toBeGreaterThanOrEqual(times);
  }

  /** SIGKILL; resolves when all that it said has been heard. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
