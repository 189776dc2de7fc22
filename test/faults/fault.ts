/** What a fault is: a name, a weight, where it makes sense, and how it strikes. */
import type { Backend } from './backends.ts';
import type { Stage } from './stage.ts';

export interface Fault {
  readonly name: string;
  /** How often it is chosen, against the others; 0: only when it is asked for by name. */
  readonly weight: number;
  /** The data of its group lies on a small disk in memory. */
  readonly smallDisk?: boolean;
  /** Why it cannot strike here; undefined when it can. */
  unavailable(backend: Backend): string | undefined;
  strike(stage: Stage): Promise<void>;
}
