/**
 * What stands behind channels: makes it, with the places of their subscribers, before anything is called ready,
 * and removes it after they are gone. A driver's `Provision` does the work; here its failures become words for
 * conditions and times to look again.
 *
 * - Making is tried for ever; waits double from 1 s to 30 s, so that a channel is ready soon after its back-end
 *   is. That a person must act changes nothing: a topic that was put right tells nobody.
 * - Removing is tried six times, every 5 s (as Knative's controllers do), and then given up with a log line: a
 *   back-end that never comes back must not keep objects from going.
 *
 * What was made is remembered, so that a channel with a thousand subscribers asks once for each of them; it is
 * forgotten when the configuration changes or the back-end turns out to be another than was made. A process
 * begins with nothing remembered.
 */
import { type ChannelBacking, ChannelError, type Provision, type StartAt } from '@afflux/channels';
import { RequeueAfter, sameJson } from '@afflux/control';
import { backoffMs, type Logger } from '@afflux/kernel';

const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
const REMOVALS_MAX = 6;
const REMOVAL_RETRY_MS = 5_000;

/** Subscribers asked for at once. */
const SIDE_BY_SIDE_MAX = 16;

/** A subscriber as the back-end knows it. */
export interface Place {
  readonly id: string;
  /** Of the Subscription: another one with the same id is one made anew, and begins with nothing. */
  readonly uid: string | undefined;
  readonly from?: StartAt;
  readonly storageName?: string;
}

/** Why something is not there. */
export interface BackEndFailure {
  readonly reason: string;
  readonly message: string;
}

/** What there is. */
export interface Made {
  /** Of the channel itself. */
  readonly failure?: BackEndFailure;
  /** By id: what keeps a subscriber from being ready. */
  readonly missing: ReadonlyMap<string, string>;
  /** Look again after so long. */
  readonly retryInMs?: number;
}

export interface Making {
  /** Of the channel object. */
  readonly key: string;
  readonly backing: ChannelBacking;
  readonly open: Opening;
  readonly places: readonly Place[];
  readonly signal: AbortSignal;
}

/**
 * The administration of the back-end; undefined where a channel needs nothing but itself. Throws where there is no
 * such driver, or the driver refuses the configuration.
 */
type Opening = () => Provision | undefined;

export interface Removal {
  readonly key: string;
  /** Undefined: the settings do not say any more where the back-end is. */
  readonly open: Opening | undefined;
  readonly places: readonly Place[];
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

interface Memory {
  readonly backing: ChannelBacking;
  readonly places: Map<string, Place>;
}

const REASONS: Readonly<Record<string, string>> = {
  AFFLUX_CHANNEL_UNAVAILABLE: 'BackEndUnavailable',
  AFFLUX_CHANNEL_BACKEND_REFUSED: 'BackEndRefused',
  AFFLUX_CHANNEL_TOPOLOGY_INVALID: 'TopologyInvalid',
  AFFLUX_CHANNEL_CONFIG_INVALID: 'ConfigInvalid',
};

export class BackEnds {
  readonly #memories = new Map<string, Memory>();
  readonly #failures = new Map<string, number>();

  /** One try. Rejects with what is no failure of a back-end: a defect, or the end of the run. */
  async make(making: Making): Promise<Made> {
    const { key, open, places, signal } = making;
    const memory = this.#memoryOf(making);
    let provision: Provision | undefined;
    try {
      provision = open();
      await provision?.ensure({ signal });
    } catch (error) {
      const { code, message } = asFailure(error);
      // What was made is no more what was meant.
      if (code === 'AFFLUX_CHANNEL_TOPOLOGY_INVALID') memory.places.clear();
      return {
        failure: { reason: reasonOf(code), message },
        missing: missingOf(places, memory, message),
        retryInMs: this.#nextTry(key),
      };
    }
    const missing =
      provision === undefined
        ? new Map<string, string>()
        : await this.#makePlaces(provision, making, memory);
    if (missing.size === 0) {
      this.#failures.delete(key);
      return { missing };
    }
    return { missing, retryInMs: this.#nextTry(key) };
  }

  /** Resolves when all of it is gone, or given up; rejects with `RequeueAfter` when it is to be tried again. */
  async remove(removal: Removal): Promise<void> {
    const { key, open, logger } = removal;
    let err: unknown;
    try {
      if (open !== undefined) {
        await this.#removeAll(open(), removal);
        this.forget(key);
        return;
      }
    } catch (error) {
      asFailure(error);
      err = error;
    }
    if (this.#count(key) < REMOVALS_MAX) throw new RequeueAfter(REMOVAL_RETRY_MS);
    this.forget(key);
    logger.error({ err }, 'left behind in the back-end: it cannot be removed');
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#memories.delete(key);
    this.#failures.delete(key);
  }

  async #removeAll(
    provision: Provision | undefined,
    { key, places, signal }: Removal,
  ): Promise<void> {
    if (provision === undefined) return;
    const known = [...(this.#memories.get(key)?.places.values() ?? [])];
    await sideBySide(byId([...known, ...places]), (place) =>
      provision.removeSubscription(place, { signal }),
    );
    await provision.remove({ signal });
  }

  #memoryOf({ key, backing }: Making): Memory {
    const known = this.#memories.get(key);
    if (known !== undefined && sameJson(known.backing, backing)) return known;
    const memory: Memory = { backing, places: new Map() };
    this.#memories.set(key, memory);
    return memory;
  }

  /** Removes the places of those who left, makes those of who came; says what is missing. */
  async #makePlaces(
    provision: Provision,
    { places, signal }: Making,
    memory: Memory,
  ): Promise<Map<string, string>> {
    const wanted = new Map(places.map((place) => [place.id, place]));
    const missing = new Map<string, string>();
    const gone = [...memory.places.values()].filter(
      (place) => !isSameClaim(wanted.get(place.id), place),
    );
    await sideBySide(gone, async (place) => {
      try {
        await provision.removeSubscription(place, { signal });
        memory.places.delete(place.id);
      } catch (error) {
        missing.set(place.id, asFailure(error).message);
      }
    });
    const fresh = places.filter(({ id }) => !memory.places.has(id) && !missing.has(id));
    await sideBySide(fresh, async (place) => {
      try {
        await provision.ensureSubscription(place, { signal });
        memory.places.set(place.id, place);
      } catch (error) {
        missing.set(place.id, asFailure(error).message);
      }
    });
    return missing;
  }

  #nextTry(key: string): number {
    const policy = { policy: 'exponential', delayMs: RETRY_MS, delayMsMax: RETRY_MS_MAX } as const;
    return backoffMs(this.#count(key), policy);
  }

  #count(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return failures;
  }
}

/** Whether a place belongs to the one who asks for it now. */
function isSameClaim(wanted: Place | undefined, place: Place): boolean {
  return wanted !== undefined && wanted.uid === place.uid;
}

function missingOf(
  places: readonly Place[],
  memory: Memory,
  message: string,
): ReadonlyMap<string, string> {
  const unmade = places.filter((place) => !isSameClaim(memory.places.get(place.id), place));
  return new Map(unmade.map(({ id }) => [id, message]));
}

function byId(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [place.id, place])).values()];
}

/** Throws on what is no failure of a back-end. */
function asFailure(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof ChannelError) return error;
  throw error;
}

function reasonOf(code: string): string {
  return (Object.hasOwn(REASONS, code) ? REASONS[code] : undefined) ?? 'BackEndFailed';
}

/** Resolves when all are done; rejects with the first rejection. */
async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += SIDE_BY_SIDE_MAX) {
    await Promise.all(items.slice(start, start + SIDE_BY_SIDE_MAX).map(work));
  }
}
