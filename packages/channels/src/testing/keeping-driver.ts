/**
 * A driver with every capability, over {@link KeepingStore}: what the conformance kit, the engines and the flow
 * are tried on. Its events outlive its channels and die with the process.
 */
import type { ChannelDriver } from '../driver.ts';
import { parseConfig } from '../driver.ts';
import { KeepingChannel } from './keeping-channel.ts';
import { KEEPING_CAPABILITIES, KEEPING_TYPE, keepingConfigSchema } from './keeping-config.ts';
import { KeepingStore } from './keeping-store.ts';

/** All stores of one place, which is what a restart leaves. */
export class KeepingPlace {
  readonly stores = new Map<string, KeepingStore>();

  store(name: string): KeepingStore {
    const store = this.stores.get(name) ?? new KeepingStore(name);
    this.stores.set(name, store);
    return store;
  }
}

export function keepingDriver(place: KeepingPlace = new KeepingPlace()): ChannelDriver {
  return {
    type: KEEPING_TYPE,
    configSchema: keepingConfigSchema,
    capabilities: KEEPING_CAPABILITIES,
    create: (context) => {
      const config = parseConfig(KEEPING_TYPE, keepingConfigSchema, context.config);
      return new KeepingChannel(context, place.store(context.name), config);
    },
  };
}
