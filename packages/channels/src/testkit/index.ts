/**
 * The conformance kit of the channel SPI. A driver's test file is a factory and its capabilities:
 *
 *     testChannel({ name: 'memory', driver: () => memoryDriver(), capabilities: { … } });
 */
import { describe, expect, test } from 'vitest';
import { boundsCases } from './bounds-cases.ts';
import type { ChannelCase, ChannelUnderTest } from './case.ts';
import { crashCases } from './crash-cases.ts';
import { deadLetterCases } from './dead-letter-cases.ts';
import { deliveryCases } from './delivery-cases.ts';
import { duplicateCases } from './duplicate-cases.ts';
import { lifecycleCases } from './lifecycle-cases.ts';
import { modelCases } from './model-check.ts';
import { publishCases } from './publish-cases.ts';
import { replayCases } from './replay-cases.ts';
import { restartCases } from './restart-cases.ts';
import { retentionCases } from './retention-cases.ts';
import { sharingCases } from './sharing-cases.ts';
import { subscriptionCases } from './subscription-cases.ts';
import { targetedCases } from './targeted-cases.ts';
import { World } from './world.ts';

export { REASON } from './terms.ts';
export type {
  ChannelUnderTest,
  DriverModule,
  Interruption,
  KilledSubject,
  RetentionUnderTest,
} from './case.ts';

/** A back-end beside the tests may have to form a group or move a leader first. */
const REAL_TIMEOUT_MS = 120_000;

const groups: Readonly<Record<string, readonly ChannelCase[]>> = {
  publish: publishCases,
  bounds: boundsCases,
  delivery: deliveryCases,
  subscriptions: subscriptionCases,
  'dead letters': deadLetterCases,
  'one subscription alone': targetedCases,
  replay: replayCases,
  duplicates: duplicateCases,
  restart: restartCases,
  crash: crashCases,
  retention: retentionCases,
  'competing consumers': sharingCases,
  'life cycle and telemetry': lifecycleCases,
  model: modelCases,
};

/** Declares one vitest suite with a test for every rule that applies to the driver's capabilities. */
export function testChannel(subject: ChannelUnderTest): void {
  describe(`channel driver ${subject.name}`, () => {
    for (const [group, cases] of Object.entries(groups)) {
      const applicable = cases.filter((channelCase) => isApplicable(channelCase, subject));
      if (applicable.length === 0) continue;
      describe(group, () => {
        for (const channelCase of applicable) declare(channelCase, subject);
      });
    }
    test('every waiver names a case of the kit', () => {
      const titles = Object.values(groups).flatMap((cases) => cases.map(({ title }) => title));
      expect(titles).toEqual(expect.arrayContaining(Object.keys(subject.waivers ?? {})));
      expect(new Set(titles).size).toBe(titles.length);
    });
  });
}

function isApplicable(channelCase: ChannelCase, subject: ChannelUnderTest): boolean {
  if (channelCase.applies?.(subject.capabilities, subject) === false) return false;
  return !(channelCase.needsFakeTime === true && isInRealTime(channelCase, subject));
}

function isInRealTime(channelCase: ChannelCase, subject: ChannelUnderTest): boolean {
  return subject.isRealTime === true || channelCase.needsRealTime === true;
}

function declare(channelCase: ChannelCase, subject: ChannelUnderTest): void {
  const reason = subject.waivers?.[channelCase.title];
  if (reason !== undefined) {
    test.skip(`${channelCase.title} (waived: ${reason})`);
    return;
  }
  const isRealTime = isInRealTime(channelCase, subject);
  const timeoutMs = channelCase.timeoutMs ?? (isRealTime ? REAL_TIMEOUT_MS : undefined);
  test(channelCase.title, timeoutMs === undefined ? {} : { timeout: timeoutMs }, async () => {
    const world = new World(subject, { isRealTime });
    try {
      await channelCase.run(world);
    } finally {
      await world.close();
    }
    await subject.assertClean?.(world.place);
  });
}
