/** A checker that cannot fail proves nothing: each rule is shown histories that break it, and a good one. */
import { describe, expect, it } from 'vitest';
import { checkRecords } from './check.ts';
import type { HistoryRecord, OfferedEvent, SubscriberRecord } from './history.ts';

/** Writes a history step by step; the time moves by 10 ms with each record. */
class Story {
  readonly records: HistoryRecord[] = [];
  #at = 1_000;

  constructor(
    options: {
      readonly allOrNone?: boolean;
      readonly graceMs?: number;
      readonly orderAlone?: boolean;
    } = {},
  ) {
    const { allOrNone = true, graceMs = 0, orderAlone = false } = options;
    const bounds = { rssBytesMax: 300 * 2 ** 20, starvedMs: 5_000, orderAlone };
    this.records.push({ kind: 'run', backend: 'none', seed: '1', allOrNone, graceMs, ...bounds });
    this.subscriber('sink');
  }

  subscriber(name: string, more: Partial<SubscriberRecord> = {}): this {
    const usual = { order: 'none', deadLetters: 'never', attemptsMax: 1 } as const;
    this.records.push({ kind: 'subscriber', name, types: ['a'], ...usual, ...more });
    return this;
  }

  passed(ms: number): this {
    this.#at += ms;
    return this;
  }

  get #now(): number {
    return (this.#at += 10);
  }

  offered(...events: (string | OfferedEvent)[]): this {
    const full = events.map((event) =>
      typeof event === 'string' ? { id: event, type: 'a', key: 'k' } : event,
    );
    this.records.push({ kind: 'offer', at: this.#now, producer: 'p', events: full });
    return this;
  }

  answered(status: number | null, ...ids: string[]): this {
    this.records.push({ kind: 'answer', at: this.#now, ids, status });
    return this;
  }

  accepted(...ids: string[]): this {
    return this.offered(...ids).answered(202, ...ids);
  }

  arrived(id: string, subscriber = 'sink', intact = true): this {
    this.records.push({ kind: 'arrival', at: this.#now, subscriber, id, intact });
    return this;
  }

  outcome(id: string, status: number, subscriber = 'sink'): this {
    this.records.push({ kind: 'outcome', at: this.#now, subscriber, id, status });
    return this;
  }

  delivered(id: string, subscriber = 'sink'): this {
    return this.arrived(id, subscriber).outcome(id, 200, subscriber);
  }

  replied(cause: string, id: string, subscriber = 'sink'): this {
    const event = { id, type: 'reply' };
    this.records.push({ kind: 'reply', at: this.#now, subscriber, cause, event });
    return this;
  }

  deadLettered(id: string, where: 'sink' | 'store', code = '500', subscriber = 'sink'): this {
    const destination = code === '' ? '' : 'http://sink/';
    const record = { subscriber, id, where, destination, code };
    this.records.push({ kind: 'deadLetter', at: this.#now, ...record });
    return this;
  }

  fault(phase: 'begin' | 'end' = 'begin', fault = 'kill'): this {
    this.records.push({ kind: 'fault', at: this.#now, fault, phase });
    return this;
  }

  up(): this {
    this.records.push({ kind: 'up', at: this.#now, clockAheadMs: 0 });
    return this;
  }

  rss(mebibytes: number): this {
    this.records.push({ kind: 'memory', at: this.#now, rssBytes: mebibytes * 2 ** 20 });
    return this;
  }

  quiet(): this {
    this.records.push({ kind: 'quiet', at: this.#now });
    return this;
  }

  /** Rules that the story breaks, as often as it does. */
  get broken(): string[] {
    return checkRecords(this.records).violations.map(({ rule }) => rule);
  }
}

describe('a good history', () => {
  it('breaks no rule, and is counted', () => {
    const story = new Story()
      .subscriber('refusing', { deadLetters: 'sink', attemptsMax: 2 })
      .up()
      .accepted('1')
      .delivered('1')
      .arrived('1', 'refusing')
      .outcome('1', 500, 'refusing')
      .arrived('1', 'refusing')
      .outcome('1', 500, 'refusing')
      .deadLettered('1', 'sink', '500', 'refusing')
      .rss(120)
      .quiet();
    const { violations, counts } = checkRecords(story.records);
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ offered: 1, acknowledged: 1, deliveries: 3, deadLetters: 1 });
  });

  it('may leave out what was never acknowledged and never seen', () => {
    expect(new Story().accepted('1').delivered('1').offered('2').quiet().broken).toEqual([]);
  });
});

describe('a lost event', () => {
  it.each([
    ['never arrived', new Story().accepted('1').quiet()],
    ['was only refused', new Story().accepted('1').arrived('1').outcome('1', 503).quiet()],
    ['was cut off', new Story().accepted('1').arrived('1').fault().quiet()],
    [
      'never reached one of two',
      new Story().subscriber('other').accepted('1').delivered('1').quiet(),
    ],
    [
      'was acknowledged at the second offer',
      new Story().offered('1').answered(null, '1').fault().accepted('1').quiet(),
    ],
    [
      'is a reply',
      new Story()
        .subscriber('replies', { types: ['reply'] })
        .accepted('1')
        .arrived('1')
        .replied('1', 'r1')
        .outcome('1', 200)
        .quiet(),
    ],
  ])('%s', (_what, story) => {
    expect(story.broken).toEqual(['lost']);
  });

  it('was not acknowledged, but reached another subscriber', () => {
    const story = (allOrNone: boolean): Story =>
      new Story({ allOrNone })
        .subscriber('other')
        .accepted('0')
        .delivered('0')
        .delivered('0', 'other')
        .offered('1')
        .delivered('1')
        .quiet();
    expect(story(true).broken).toEqual(['lost']);
    expect(story(false).broken).toEqual([]);
  });

  it('was not acknowledged, but another one of its batch arrived', () => {
    const story = new Story().accepted('0').delivered('0').offered('1', '2').delivered('1').quiet();
    expect(story.broken).toEqual(['lost']);
  });
});

describe('an invented event', () => {
  it('was never offered', () => {
    const story = new Story().accepted('1').delivered('1').delivered('2').quiet();
    expect(story.broken).toEqual(['invented']);
  });

  it('was refused every time', () => {
    const story = new Story().accepted('1').delivered('1').offered('2').answered(429, '2');
    expect(story.quiet().broken).toEqual([]);
    expect(story.delivered('2').broken).toEqual(['invented']);
  });

  it('may be one of which nobody knows', () => {
    const story = new Story().accepted('1').delivered('1').offered('2').answered(503, '2');
    expect(story.delivered('2').quiet().broken).toEqual([]);
  });

  it('has other data, or was not asked for', () => {
    const other = { id: '2', type: 'b' };
    const story = new Story().accepted('1').arrived('1', 'sink', false).outcome('1', 200);
    expect(story.quiet().broken).toEqual(['damaged']);
    expect(story.offered(other).arrived('2').broken).toEqual(['damaged', 'misrouted']);
  });
});

describe('order', () => {
  const ordered = (orderAlone = false): Story =>
    new Story({ orderAlone }).subscriber('keyed', { order: 'key', types: ['b'], attemptsMax: 3 });
  const keyed = (id: string, key: string): OfferedEvent => ({ id, type: 'b', key });
  const three = (orderAlone = false): Story =>
    ordered(orderAlone)
      .offered(keyed('1', 'x'))
      .answered(202, '1')
      .offered(keyed('2', 'x'))
      .answered(202, '2')
      .offered(keyed('3', 'y'))
      .answered(202, '3');

  it('may differ between keys, and with repetitions', () => {
    const story = three()
      .delivered('3', 'keyed')
      .arrived('1', 'keyed')
      .fault()
      .delivered('1', 'keyed')
      .arrived('2', 'keyed')
      .fault()
      .delivered('1', 'keyed')
      .delivered('2', 'keyed');
    expect(story.quiet().broken).toEqual([]);
  });

  it('is broken by an event that overtakes', () => {
    const story = three().delivered('2', 'keyed').delivered('1', 'keyed').delivered('3', 'keyed');
    expect(story.quiet().broken).toEqual(['order']);
  });

  it('ends with who joins, where it holds for one reader alone', () => {
    const overtaken = (story: Story): readonly string[] =>
      story.delivered('2', 'keyed').delivered('1', 'keyed').delivered('3', 'keyed').quiet().broken;
    expect(overtaken(three(true))).toEqual(['order']);
    expect(overtaken(three(true).fault('begin', 'join'))).toEqual([]);
    expect(overtaken(three().fault('begin', 'join'))).toEqual(['order']);
  });

  it('is broken where the earlier one is under way or waits for its retry', () => {
    const story = three()
      .arrived('1', 'keyed')
      .outcome('1', 503, 'keyed')
      .arrived('2', 'keyed')
      .delivered('1', 'keyed')
      .outcome('2', 200, 'keyed')
      .delivered('3', 'keyed');
    expect(story.quiet().broken).toEqual(['order']);
  });

  it('is not promised for events offered at the same time', () => {
    const story = ordered()
      .offered(keyed('1', 'x'))
      .offered(keyed('2', 'x'))
      .answered(202, '1')
      .answered(202, '2')
      .delivered('2', 'keyed')
      .delivered('1', 'keyed');
    expect(story.quiet().broken).toEqual([]);
  });

  it('holds between keys where it is total', () => {
    const story = new Story()
      .subscriber('all', { order: 'total', types: ['b'] })
      .offered(keyed('1', 'x'))
      .answered(202, '1')
      .offered(keyed('2', 'y'))
      .answered(202, '2')
      .delivered('2', 'all')
      .delivered('1', 'all');
    expect(story.quiet().broken).toEqual(['order']);
  });
});

describe('duplicates', () => {
  it('are bounded by offers and faults', () => {
    const twice = new Story().accepted('1').delivered('1').delivered('1').quiet();
    expect(twice.broken).toEqual(['duplicates', 'duplicates']);
    const killed = new Story().accepted('1').delivered('1').fault().delivered('1').quiet();
    expect(killed.broken).toEqual([]);
    expect(killed.delivered('1').broken).toEqual(['duplicates', 'duplicates']);
    const offered = new Story().offered('1').answered(null, '1').accepted('1');
    expect(offered.delivered('1').delivered('1').quiet().broken).toEqual([]);
  });

  it('are not excused by faults of other times', () => {
    const story = new Story().fault().accepted('1').delivered('1').delivered('1').fault().quiet();
    expect(story.broken).toEqual(['duplicates', 'duplicates']);
    const graced = new Story({ graceMs: 1_000 }).fault().accepted('1').delivered('1');
    expect(graced.delivered('1').quiet().broken).toEqual([]);
  });

  it('count attempts, too', () => {
    const story = new Story().subscriber('flaky', { types: ['b'], attemptsMax: 2 });
    story.offered({ id: '1', type: 'b' }).answered(202, '1');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      story.arrived('1', 'flaky').outcome('1', 503, 'flaky');
    }
    expect(story.delivered('1', 'flaky').quiet().broken).toEqual(['duplicates']);
  });
});

describe('time', () => {
  it('of delivery is not before the one that the event names', () => {
    const story = new Story()
      .offered({ id: '1', type: 'a', notBeforeMs: 1_500 })
      .answered(202, '1')
      .delivered('1');
    expect(story.quiet().broken).toEqual(['early']);
  });

  it('without work for a subscriber that has some makes it starved', () => {
    const story = new Story().subscriber('idle').up().accepted('1').delivered('1');
    story.passed(4_000).fault().passed(60_000).up().passed(900).rss(1);
    expect(story.broken).toEqual(['lost', 'history']);
    story.passed(200).rss(1).delivered('1', 'idle').quiet();
    expect(story.broken).toEqual(['starved']);
  });

  it('is given to those who are stuck', () => {
    const story = new Story().subscriber('stuck', { stuck: true }).up().accepted('1');
    story.delivered('1').passed(60_000).delivered('1', 'stuck').quiet();
    expect(story.broken).toEqual([]);
  });
});

describe('dead letters', () => {
  it('belong to those who refuse, where they asked for them, with the reason', () => {
    const refusing = (): Story =>
      new Story().subscriber('no', { types: ['b'], deadLetters: 'sink' });
    const story = refusing()
      .accepted('1')
      .delivered('1')
      .offered({ id: '2', type: 'b' })
      .answered(202, '2');
    expect(story.deadLettered('2', 'sink', '500', 'no').quiet().broken).toEqual([]);
    expect(story.deadLettered('2', 'store', '500', 'no').broken).toEqual(['dead letter']);
    expect(story.deadLettered('2', 'sink', '', 'no').broken).toEqual([
      'dead letter',
      'dead letter',
    ]);
    expect(new Story().accepted('1').deadLettered('1', 'sink').quiet().broken).toEqual([
      'dead letter',
    ]);
  });

  it('make up for a reply that nobody took', () => {
    const story = new Story()
      .subscriber('replies', { types: ['reply'] })
      .subscriber('replying', { types: ['b'], deadLetters: 'store' })
      .offered({ id: '1', type: 'b' })
      .answered(202, '1')
      .arrived('1', 'replying')
      .replied('1', 'r1', 'replying')
      .outcome('1', 200, 'replying');
    expect(story.quiet().broken).toEqual(['lost']);
    expect(story.deadLettered('1', 'store', '503', 'replying').broken).toEqual([]);
  });
});

describe('the rest', () => {
  it('memory has a bound', () => {
    expect(new Story().accepted('1').delivered('1').rss(301).quiet().broken).toEqual(['memory']);
  });

  it('a history that proves nothing is not a success', () => {
    expect(new Story().quiet().broken).toEqual(['history']);
    expect(new Story().accepted('1').delivered('1').broken).toEqual(['history']);
    expect(checkRecords([{ kind: 'quiet', at: 1 }]).violations).toHaveLength(1);
  });
});
