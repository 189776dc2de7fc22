/**
 * The conformance kit of the store interface: every rule that controllers rely on, as a case. A back-end's test
 * file is a factory and its capabilities, nothing else. The cases touch nothing but the interface, use names
 * of their own, and wait only on watches, so they run against a store in this process as well as against a
 * cluster that others use at the same time.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { StoreBench, type StoreCapabilities, type StoreUnderTest } from './bench.ts';
import { applyCases } from './apply-cases.ts';
import { createCases } from './create-cases.ts';
import { deleteCases } from './delete-cases.ts';
import { dryRunCases } from './dry-run-cases.ts';
import { limitCases } from './limit-cases.ts';
import { ownerCases } from './owner-cases.ts';
import { patchCases } from './patch-cases.ts';
import { selectorCases } from './selector-cases.ts';
import { strategicCases } from './strategic-cases.ts';
import { updateCases } from './update-cases.ts';
import { validationCases } from './validation-cases.ts';
import { watchCases } from './watch-cases.ts';

/** Registers the suite. The store is made once and must serve the kinds of `KIT_KINDS`. */
export function testStore(
  name: string,
  makeStore: () => StoreUnderTest | Promise<StoreUnderTest>,
  capabilities: StoreCapabilities,
): void {
  describe(`resource store: ${name}`, () => {
    const bench = new StoreBench(capabilities);
    beforeAll(async () => {
      bench.open(await makeStore());
    });
    afterAll(() => bench.close());
    for (const cases of [
      createCases,
      updateCases,
      patchCases,
      strategicCases,
      applyCases,
      dryRunCases,
      validationCases,
      deleteCases,
      watchCases,
      selectorCases,
      ownerCases,
      limitCases,
    ]) {
      cases(bench);
    }
  });
}
