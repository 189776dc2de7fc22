/** A controller of Gadgets in a small world, for the tests of controllers. */
import { newUuid, seededRandom } from '@afflux/kernel';
import { FakeClock, RecordingMeter, recordingLogger } from '@afflux/kernel/testing';
import { onTestFinished } from 'vitest';
import { Controller, type ControllerOptions } from '../controller/controller.ts';
import type { Reconciler } from '../controller/reconciler.ts';
import { InformerSet } from '../informer/informer-set.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { GADGET, gadget, KIT_KINDS, type KitObject } from './kinds.ts';
import { RecordingStore, type WriteFailure } from './recording-store.ts';

/** A reconciler that waits until it is told to stop. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped waiting'));
    });
  });
}

type Options = Partial<ControllerOptions<KitObject>> & { failures?: WriteFailure[] };

/** Everything is closed when the test is over. `memory` is the store without the recording. */
export function makeControllerWorld(
  reconciler: Partial<Reconciler<KitObject>> = {},
  { failures = [], ...options }: Options = {},
) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const memory = new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS });
  const store = new RecordingStore(memory, failures);
  const informers = new InformerSet({ store, clock, logger });
  const runs: string[] = [];
  const controller = new Controller<KitObject>({
    name: 'gadgets',
    store,
    informer: informers.get<KitObject>(GADGET),
    clock,
    logger,
    meter,
    random: seededRandom(1),
    ...options,
    reconciler: {
      kind: GADGET,
      ...reconciler,
      reconcile: async (object, context) => {
        runs.push(object.metadata.name);
        await reconciler.reconcile?.(object, context);
      },
    },
  });
  onTestFinished(async () => {
    await controller.close();
    await informers.close();
  });
  const start = async (): Promise<void> => {
    await informers.start();
    await controller.start();
  };
  const create = (name: string, metadata: object = {}) =>
    memory.create(gadget({ namespace: 'ns', name, ...metadata }));
  const read = async (name: string): Promise<KitObject> =>
    (await memory.get(GADGET, { namespace: 'ns', name })) as KitObject;
  const logged = (level: string) => logger.lines.filter((line) => line.level === level);
  return {
    clock,
    logger,
    meter,
    memory,
    store,
    informers,
    controller,
    runs,
    start,
    create,
    read,
    logged,
  };
}
