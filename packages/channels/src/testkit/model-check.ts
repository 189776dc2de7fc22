/**
 * Random sequences of publish, take, ack, release, time, subscribe and close, run against the driver and the
 * naive model side by side. After every step both must describe the same state; at the end everything is
 * settled and all counts must be back at zero. A failure prints the seed and the shortest sequence.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Channel, ChannelSubscription, Delivery, SubscribeOptions } from '../channel.ts';
import { ChannelError, ChannelFull } from '../errors.ts';
import { type ChannelCase, isBounded } from './case.ts';
import {
  type Entry,
  type LaneName,
  ModelSubscription,
  NaiveModel,
  type SubscriptionTerms,
} from './naive-model.ts';
import { refusal, textCodec, type World } from './world.ts';

const RUNS = 300;
const COMMANDS_MAX = 60;
const IDS = ['one', 'two', 'three'] as const;
const TYPES = ['red', 'blue'] as const;

/** The driver's side: handles and deliveries by what the model calls them. */
class Real {
  readonly world: World;
  readonly channel: Channel;
  readonly handles = new Map<string, ChannelSubscription<string>>();
  readonly inFlight = new Map<Entry, Delivery<string>>();
  readonly settled: Delivery<string>[] = [];
  readonly #wants = new Map<string, string>();
  /** One selector for all, like the index of a broker; it may name ids that are gone. */
  readonly #selector = {
    select: (event: { readonly type: string }, out: string[]): void => {
      for (const [id, type] of this.#wants) if (type === event.type) out.push(id);
    },
  };

  constructor(world: World, channel: Channel) {
    this.world = world;
    this.channel = channel;
  }

  subscribe(id: string, { wants, bounds, overflowMax }: SubscriptionTerms): void {
    if (wants !== undefined) this.#wants.set(id, wants);
    const options: SubscribeOptions<string> = {
      id,
      bounds,
      codec: textCodec,
      overflow:
        overflowMax === 0
          ? 'backpressure'
          : { eventsMax: overflowMax, deadLetter: (event) => `overflow ${event.id}` },
      ...(wants === undefined ? {} : { selector: this.#selector }),
    };
    this.handles.set(id, this.channel.subscribe(options));
  }
}

type Command = fc.AsyncCommand<NaiveModel, Real>;

abstract class Step implements Command {
  abstract check(model: NaiveModel): boolean;
  abstract act(model: NaiveModel, real: Real): void | Promise<void>;
  abstract toString(): string;

  async run(model: NaiveModel, real: Real): Promise<void> {
    await this.act(model, real);
    const { name: _name, type: _type, ...described } = real.channel.describe();
    const byId = (left: { id: string }, right: { id: string }) => left.id.localeCompare(right.id);
    const expected = model.describe();
    expect({
      ...described,
      subscriptions: [...described.subscriptions].sort(byId),
    }).toEqual({ ...expected, subscriptions: expected.subscriptions.sort(byId) });
  }
}

class Subscribe extends Step {
  readonly #id: string;
  readonly #terms: SubscriptionTerms;

  constructor(id: string, terms: SubscriptionTerms) {
    super();
    this.#id = id;
    this.#terms = terms;
  }

  check = (): boolean => true;

  act(model: NaiveModel, real: Real): void {
    const existing = model.subscriptions.get(this.#id);
    if (existing === undefined) {
      model.subscriptions.set(this.#id, new ModelSubscription(this.#terms));
    } else {
      existing.terms = this.#terms;
      existing.isAttached = true;
    }
    real.subscribe(this.#id, this.#terms);
  }

  toString = (): string => `subscribe ${this.#id} ${JSON.stringify(this.#terms)}`;
}

class Close extends Step {
  readonly #id: string;
  readonly #drop: boolean;

  constructor(id: string, drop: boolean) {
    super();
    this.#id = id;
    this.#drop = drop;
  }

  check = (model: NaiveModel): boolean => model.subscriptions.get(this.#id)?.isAttached === true;

  act(model: NaiveModel, real: Real): void {
    const entries = model.subscriptions.get(this.#id)?.entries ?? [];
    const isKept = !this.#drop && entries.length > 0;
    const closed = real.handles.get(this.#id)?.close({ drop: this.#drop });
    expect(closed).toEqual({
      kept: isKept ? entries.length : 0,
      dropped: isKept ? 0 : entries.length,
    });
    const subscription = model.subscriptions.get(this.#id);
    if (subscription !== undefined) subscription.isAttached = false;
    if (isKept) return;
    model.subscriptions.delete(this.#id);
    for (const entry of entries) {
      // What was in flight when it was dropped can be settled without effect, like what was settled.
      const delivery = real.inFlight.get(entry);
      if (delivery !== undefined) real.settled.push(delivery);
      real.inFlight.delete(entry);
    }
  }

  toString = (): string => `close ${this.#id}${this.#drop ? ' and drop' : ''}`;
}

class Publish extends Step {
  readonly #events: readonly { type: string; dataBytes: number }[];

  constructor(events: readonly { type: string; dataBytes: number }[]) {
    super();
    this.#events = events;
  }

  check = (): boolean => true;

  async act(model: NaiveModel, real: Real): Promise<void> {
    const events = this.#events.map((options) => real.world.event(options));
    if (model.publish(events)) {
      await real.channel.publish(events);
      return;
    }
    const error = await refusal(() => real.channel.publish(events));
    expect(error).toBeInstanceOf(ChannelError);
    const [single] = events;
    if (events.length > 1 || single === undefined) return;
    expect(error instanceof ChannelFull).toBe(model.couldTake(single));
  }

  toString = (): string => `publish ${JSON.stringify(this.#events)}`;
}

class Take extends Step {
  readonly #id: string;
  readonly #lane: LaneName;

  constructor(id: string, lane: LaneName) {
    super();
    this.#id = id;
    this.#lane = lane;
  }

  check = (model: NaiveModel): boolean => model.subscriptions.get(this.#id)?.isAttached === true;

  act(model: NaiveModel, real: Real): void {
    const handle = real.handles.get(this.#id);
    const delivery = this.#lane === 'main' ? handle?.take() : handle?.takeOverflow?.();
    const entry = model.subscriptions.get(this.#id)?.next(this.#lane);
    expect(delivery?.event.id).toBe(entry?.event.id);
    if (entry === undefined || delivery === undefined) return;
    entry.state = 'in flight';
    entry.attempt += 1;
    expect(delivery.attempt).toBe(entry.attempt);
    expect(delivery.progress).toBe(entry.progress);
    real.inFlight.set(entry, delivery);
  }

  toString = (): string => `take ${this.#lane} of ${this.#id}`;
}

/** Settles the n-th delivery in flight: `delayMs` undefined acknowledges it. */
class Settle extends Step {
  readonly #nth: number;
  readonly #delayMs: number | undefined;
  readonly #progress: string | undefined;

  constructor(nth: number, delayMs: number | undefined, progress: string | undefined) {
    super();
    this.#nth = nth;
    this.#delayMs = delayMs;
    this.#progress = progress;
  }

  check = (model: NaiveModel): boolean => this.#pick(model) !== undefined;

  #pick(model: NaiveModel): [ModelSubscription, Entry] | undefined {
    const all = [...model.subscriptions.values()].flatMap((subscription) =>
      subscription.inFlight.map((entry): [ModelSubscription, Entry] => [subscription, entry]),
    );
    return all[this.#nth % all.length];
  }

  act(model: NaiveModel, real: Real): void {
    const [subscription, entry] = this.#pick(model) ?? [];
    if (subscription === undefined || entry === undefined) return;
    const delivery = real.inFlight.get(entry) as Delivery<string>;
    real.inFlight.delete(entry);
    real.settled.push(delivery);
    const [delayMs, progress] = [this.#delayMs, this.#progress];
    if (delayMs === undefined) {
      delivery.ack();
      subscription.entries = subscription.entries.filter((other) => other !== entry);
      return;
    }
    delivery.release(progress === undefined ? { delayMs } : { delayMs, progress });
    entry.progress = progress ?? entry.progress;
    entry.state = delayMs > 0 ? 'waiting' : 'due';
    entry.dueMs = model.nowMs + delayMs;
  }

  toString = (): string =>
    this.#delayMs === undefined
      ? `ack ${String(this.#nth)}`
      : `release ${String(this.#nth)} for ${String(this.#delayMs)} ms with ${String(this.#progress)}`;
}

class SettleAgain extends Step {
  check = (): boolean => true;

  act(_model: NaiveModel, real: Real): void {
    for (const delivery of real.settled) {
      delivery.ack();
      delivery.release({ delayMs: 0, progress: 'stale' });
    }
  }

  toString = (): string => 'settle everything again';
}

class Advance extends Step {
  readonly #ms: number;

  constructor(ms: number) {
    super();
    this.#ms = ms;
  }

  check = (): boolean => true;

  async act(model: NaiveModel, real: Real): Promise<void> {
    model.advance(this.#ms);
    await real.world.advance(this.#ms);
  }

  toString = (): string => `advance ${String(this.#ms)} ms`;
}

const id = fc.constantFrom(...IDS);
const lane = fc.constantFrom<LaneName>('main', 'main', 'main', 'overflow');
const terms = fc.record<SubscriptionTerms>({
  wants: fc.constantFrom(undefined, ...TYPES),
  bounds: fc.record({
    eventsMax: fc.integer({ min: 1, max: 4 }),
    bytesMax: fc.constantFrom(300, 2_000),
  }),
  overflowMax: fc.constantFrom(0, 0, 1, 3),
});
const event = fc.record({
  type: fc.constantFrom(...TYPES),
  dataBytes: fc.constantFrom(1, 50, 400),
});

const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(id, terms).map(([subscriptionId, given]) => new Subscribe(subscriptionId, given)),
  fc.tuple(id, fc.boolean()).map(([subscriptionId, drop]) => new Close(subscriptionId, drop)),
  fc.array(event, { minLength: 1, maxLength: 3 }).map((events) => new Publish(events)),
  event.map((single) => new Publish([single])),
  fc.tuple(id, lane).map(([subscriptionId, name]) => new Take(subscriptionId, name)),
  fc.nat(10).map((nth) => new Settle(nth, undefined, undefined)),
  fc
    .tuple(fc.nat(10), fc.constantFrom(0, 5, 50), fc.constantFrom(undefined, 'a', 'b'))
    .map(([nth, delayMs, progress]) => new Settle(nth, delayMs, progress)),
  fc.constant(new SettleAgain()),
  fc.constantFrom(1, 7, 60).map((ms) => new Advance(ms)),
];

/** Takes and acknowledges everything; all counts must end at zero. */
async function settleAll(model: NaiveModel, real: Real): Promise<void> {
  for (const delivery of real.inFlight.values()) delivery.ack();
  await real.world.advance(1_000);
  for (const subscriptionId of model.subscriptions.keys()) {
    real.subscribe(subscriptionId, {
      wants: undefined,
      bounds: { eventsMax: 9, bytesMax: 9 },
      overflowMax: 0,
    });
    const handle = real.handles.get(subscriptionId);
    for (;;) {
      const delivery = handle?.take() ?? handle?.takeOverflow?.();
      if (delivery === undefined) break;
      delivery.ack();
    }
  }
  expect(real.channel.describe()).toMatchObject({ events: 0, bytes: 0 });
  for (const described of real.channel.describe().subscriptions) {
    expect(described).toMatchObject({ depth: 0, overflow: 0, bytes: 0, inFlight: 0, oldestMs: 0 });
  }
}

export const modelCases: readonly ChannelCase[] = [
  {
    title: 'random use agrees with a naive model, and all accounts return to zero',
    applies: (capabilities) => isBounded(capabilities) && capabilities.order === 'total',
    needsFakeTime: true,
    run: async (world) => {
      await fc.assert(
        fc.asyncProperty(fc.commands(commands, { maxCommands: COMMANDS_MAX }), async (steps) => {
          const model = new NaiveModel();
          const real = new Real(world, await world.open());
          await fc.asyncModelRun(() => ({ model, real }), steps);
          await settleAll(model, real);
          await real.channel.close();
        }),
        { numRuns: RUNS },
      );
    },
  },
];
