/** The conformance cases as data: what each asks of a driver, and to which drivers it applies. */
import type { Capabilities, ChannelDriver } from '../driver.ts';
import type { World } from './world.ts';

export interface ChannelUnderTest {
  /** Heading of the suite: the driver's type. */
  readonly name: string;
  /** Called once per case. Cases run beside each other only in different suites. */
  readonly driver: () => ChannelDriver;
  /** What the driver is expected to declare; cases are chosen by it. */
  readonly capabilities: Capabilities;
  /** Configuration of the channels. Default `{}`. */
  readonly config?: unknown;
  /** The driver waits for something outside this process: the kit then lets real time pass. Default false. */
  readonly isRealTime?: boolean;
  /** Called after each case, when its channels are closed: throws when something was left behind. */
  readonly assertClean?: () => void | Promise<void>;
  /** Known gaps: title of a case → reason. Its test is skipped with the reason in its name. */
  readonly waivers?: Readonly<Record<string, string>>;
}

export interface ChannelCase {
  /** The rule, as a sentence. Unique in the kit. */
  readonly title: string;
  /** Default: every driver. */
  readonly applies?: (capabilities: Capabilities) => boolean;
  /** The case moves time by itself: not for drivers in real time. Default false. */
  readonly needsFakeTime?: boolean;
  /** Fails by throwing. */
  readonly run: (world: World) => Promise<void>;
}

/** The rules about bounds hold where the backlog is in memory; elsewhere its bound is retention. */
export function isBounded(capabilities: Capabilities): boolean {
  return !capabilities.durable;
}
