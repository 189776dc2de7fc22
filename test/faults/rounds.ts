/** Runs rounds in groups, each with data, subscribers and a history of its own, and has each history checked. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend } from './backends.ts';
import { chanceOf } from './chance.ts';
import { checkFile, type Verdict } from './check.ts';
import type { Fault } from './fault.ts';
import { Stage } from './stage.ts';

export interface GroupOptions {
  readonly backend: Backend;
  readonly faults: readonly Fault[];
  readonly rounds: number;
  readonly seed: string;
  readonly directory: string;
  readonly keep: boolean;
}

export interface GroupResult {
  readonly verdict: Verdict;
  /** Steps that the load did not reach, so that a plain kill took their place. */
  readonly missed: readonly string[];
  /** Rounds by fault. */
  readonly struck: Readonly<Record<string, number>>;
  /** Where the history and the log of the product are, if they were kept. */
  readonly directory: string | undefined;
}

export async function runGroup(options: GroupOptions): Promise<GroupResult> {
  const { backend, seed, directory } = options;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const chance = chanceOf(seed);
  const smallDisk = options.faults.some((fault) => fault.smallDisk === true);
  const stage = new Stage({ backend, directory, seed, chance, smallDisk });
  const struck: Record<string, number> = {};
  const problems: string[] = [];
  try {
    await stage.open();
    for (let round = 0; round < options.rounds; round += 1) {
      const fault = chance.pick(options.faults);
      struck[fault.name] = (struck[fault.name] ?? 0) + 1;
      await fault.strike(stage);
    }
    await stage.finish();
  } catch (error) {
    problems.push((error as Error).message);
  } finally {
    await stage.close();
  }
  const verdict = withProblems(await checkFile(join(directory, 'history.jsonl')), problems);
  const isKept = options.keep || verdict.violations.length > 0;
  if (!isKept) await rm(directory, { recursive: true, force: true });
  return { verdict, struck, missed: stage.missed, directory: isKept ? directory : undefined };
}

/** What went wrong with the run itself counts like a broken promise. */
function withProblems({ violations, counts }: Verdict, problems: readonly string[]): Verdict {
  const own = problems.map((text) => ({ rule: 'run', text }));
  return { violations: [...own, ...violations], counts };
}
