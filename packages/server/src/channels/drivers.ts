/** The drivers of a process, and what all channels of one driver share: opened first, closed last. */
import { DriverRegistry, MemoryBudget, memoryDriver, type ChannelDriver } from '@afflux/channels';
import { BaseComponent } from '@afflux/kernel';
import type { Config } from '../config.ts';

export class Drivers extends BaseComponent {
  readonly name = 'channel drivers';
  readonly registry: DriverRegistry;
  readonly #drivers: readonly ChannelDriver[];

  constructor(config: Pick<Config, 'memory'>) {
    super();
    this.#drivers = [
      memoryDriver({ budget: new MemoryBudget({ bytesMax: config.memory.budget }) }),
    ];
    this.registry = new DriverRegistry(this.#drivers);
  }

  protected override async onClose(): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.close?.()));
  }
}
