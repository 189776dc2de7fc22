/** The conformance cases as data: what each asks of a driver, and to which drivers it applies. */
import type { Capabilities, ChannelDriver } from '../driver.ts';
import type { World } from './world.ts';

export interface ChannelUnderTest {
  /** Heading of the suite: the driver's type. */
  readonly name: string;
  /**
   * Called at the start of each case, and again within it, with the same place, for a restart and for a second
   * instance. The place is unique per case and fit for a file name: a driver that keeps files keeps them there.
   * Cases run beside each other only in different suites.
   */
  readonly driver: (place: string) => ChannelDriver;
  /** What the driver is expected to declare; cases are chosen by it. */
  readonly capabilities: Capabilities;
  /** Configuration of the channels, or a function that makes it from a channel's name. Default `{}`. */
  readonly config?: unknown;
  /** The driver waits for something outside this process: the kit then lets real time pass. Default false. */
  readonly isRealTime?: boolean;
  /**
   * Called after each case, when its channels and drivers are closed: may clean up, and throws when something
   * was left behind.
   */
  readonly assertClean?: (place: string) => void | Promise<void>;
  /** Known gaps: title of a case → reason. Its test is skipped with the reason in its name. */
  readonly waivers?: Readonly<Record<string, string>>;
  /** How another process makes the driver. Absent: the cases that kill a process are left out. */
  readonly killable?: DriverModule;
  /** Channels that forget soon. Absent: the cases about retention are left out. */
  readonly retention?: RetentionUnderTest;
  /** Of channels that two instances read together: partitions enough for both. Default: `config`. */
  readonly sharedConfig?: unknown;
  /** A way to the back-end that a case may cut. Absent: the case about lost answers is left out. */
  readonly interrupt?: (place: string) => Promise<Interruption>;
  /** Subscriptions in the case with very many of them. Default 10,000, and 20 in real time. */
  readonly manySubscriptions?: number;
}

/**
 * A module that makes the driver under test in a process that the kit starts and kills: plain JavaScript, so
 * that of a package in TypeScript the built file. Its export is called with the place of the case.
 */
export interface DriverModule {
  /** `new URL('../dist/testing/subject.js', import.meta.url)`. */
  readonly url: URL;
  /** Name of the export, a {@link KilledSubject}. */
  readonly export: string;
}

/** What the module of a {@link DriverModule} exports; a whole {@link ChannelUnderTest} will do. */
export type KilledSubject = Pick<ChannelUnderTest, 'driver' | 'config'>;

/** Each with a configuration (or a function of the name) under which a case can wait for events to go. */
export interface RetentionUnderTest {
  readonly byAge?: { readonly config: unknown; readonly ageMs: number };
  readonly byBytes?: { readonly config: unknown; readonly bytes: number };
}

/** Everything that the case does goes through `config`; `cut` lets requests pass and swallows the answers. */
export interface Interruption {
  readonly config: unknown;
  cut(): void | Promise<void>;
  restore(): void | Promise<void>;
  close(): void | Promise<void>;
}

export interface ChannelCase {
  /** The rule, as a sentence. Unique in the kit. */
  readonly title: string;
  /** Default: every driver. */
  readonly applies?: (capabilities: Capabilities, subject: ChannelUnderTest) => boolean;
  /** The case moves time by itself: not for drivers in real time. Default false. */
  readonly needsFakeTime?: boolean;
  /** The case has another process beside it, which has its own clock: real time for all drivers. Default false. */
  readonly needsRealTime?: boolean;
  /** Default: that of the test runner, and two minutes in real time. */
  readonly timeoutMs?: number;
  /** Fails by throwing. */
  readonly run: (world: World) => Promise<void>;
}

/** The rules about bounds hold where the backlog is in memory; elsewhere its bound is retention. */
export function isBounded(capabilities: Capabilities): boolean {
  return !capabilities.durable;
}
