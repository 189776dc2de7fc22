import { recordingLogger } from '@afflux/kernel/testing';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { Exposition } from './exposition.ts';
import { MetricsMeter } from './meter.ts';

function bench(childrenMax = 2000) {
  const logger = recordingLogger();
  const meter = new MetricsMeter({ childrenMax, logger });
  const exposition = new Exposition(meter, { processMetrics: false });
  /** The lines of one metric, without comments. */
  const lines = async (name: string): Promise<string[]> => {
    const { body } = await exposition.text();
    return body.split('\n').filter((line) => line.startsWith(name));
  };
  return { meter, logger, exposition, lines };
}

describe('counter', () => {
  test('adds up, per label values, and starts at nothing', async () => {
    const { meter, lines } = bench();
    const sent = meter.counter({ name: 'sent_total', help: 'Sent.', labels: ['to', 'code'] });
    const child = sent.labels('a', '202');
    child.add();
    child.add(2);
    sent.labels('b', '500');
    expect(sent.labels('a', '202')).toBe(child);
    expect(await lines('sent_total')).toEqual([
      'sent_total{to="a",code="202"} 3',
      'sent_total{to="b",code="500"} 0',
    ]);
  });

  test('never falls and never becomes something else than a number', async () => {
    const { meter, lines } = bench();
    const child = meter.counter({ name: 'sent_total', help: '' }).labels();
    for (const amount of [5, -3, Number.NaN, Number.POSITIVE_INFINITY]) child.add(amount);
    expect(await lines('sent_total')).toEqual(['sent_total 5']);
  });
});

describe('gauge', () => {
  test('is set, moved and removed', async () => {
    const { meter, lines } = bench();
    const depth = meter.gauge({ name: 'depth', help: '', labels: ['queue'] });
    depth.labels('a').set(5);
    depth.labels('a').add(-2);
    depth.labels('b').set(1);
    depth.labels('b').remove();
    expect(await lines('depth')).toEqual(['depth{queue="a"} 3']);
  });

  test('a removed child that is used again is back, from nothing', async () => {
    const { meter, lines } = bench();
    const child = meter.gauge({ name: 'depth', help: '' }).labels();
    child.set(5);
    child.remove();
    child.remove();
    child.add(1);
    expect(await lines('depth')).toEqual(['depth 1']);
  });

  test('a removed child does not push out the one that took its place', async () => {
    const { meter, lines } = bench();
    const depth = meter.gauge({ name: 'depth', help: '' });
    const old = depth.labels();
    old.remove();
    depth.labels().set(7);
    old.set(1);
    expect(await lines('depth')).toEqual(['depth 7']);
  });

  test('removing makes room', async () => {
    const { meter, lines } = bench(2);
    const depth = meter.gauge({ name: 'depth', help: '', labels: ['queue'] });
    for (let index = 0; index < 10; index += 1) {
      const child = depth.labels(String(index));
      child.set(1);
      if (index < 9) child.remove();
    }
    expect(await lines('depth')).toEqual(['depth{queue="9"} 1']);
  });
});

describe('histogram', () => {
  test('says what the histogram of prom-client says', async () => {
    const value = fc.oneof(
      fc.double({ min: -1, max: 20, noNaN: true }),
      fc.constantFrom(0.1, 0.5, 1, 10),
    );
    const bounds = fc.uniqueArray(fc.double({ min: 0.001, max: 15, noNaN: true }), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(value), bounds, async (values, unsorted) => {
        const sorted = unsorted.sort((a, b) => a - b);
        const { meter, exposition } = bench();
        const options = { name: 'wait_seconds', help: 'How long.' };
        const ours = meter
          .histogram({ ...options, labels: ['to'], bounds: sorted })
          .labels('a"\n\\');
        const registry = new Registry();
        const theirs = new Histogram({
          ...options,
          labelNames: ['to'],
          buckets: sorted,
          registers: [registry],
        });
        theirs.zero({ to: 'a"\n\\' });
        for (const each of values) {
          ours.record(each);
          theirs.observe({ to: 'a"\n\\' }, each);
        }
        const sorting = (text: string): string[] =>
          text
            .split('\n')
            .map((line) =>
              line.replace(
                /\{(.*),(.*)\}/,
                (_, a: string, b: string) => `{${[a, b].sort().join()}}`,
              ),
            );
        const { body } = await exposition.text();
        const own = body.slice(body.indexOf('# HELP wait_seconds'));
        expect(sorting(own.trimEnd())).toEqual(sorting((await registry.metrics()).trimEnd()));
      }),
      { numRuns: 50 },
    );
  });

  test('a value on a bound belongs below it', async () => {
    const { meter, lines } = bench();
    const child = meter.histogram({ name: 'h', help: '', bounds: [1, 2] }).labels();
    for (const value of [1, 2, 2.5]) child.record(value);
    expect(await lines('h_')).toEqual([
      'h_bucket{le="1"} 1',
      'h_bucket{le="2"} 2',
      'h_bucket{le="+Inf"} 3',
      'h_sum 5.5',
      'h_count 3',
    ]);
  });

  test('ignores what is no finite number', async () => {
    const { meter, lines } = bench();
    const child = meter.histogram({ name: 'h', help: '', bounds: [1] }).labels();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) child.record(value);
    expect(await lines('h_')).toEqual([
      'h_bucket{le="1"} 1',
      'h_bucket{le="+Inf"} 1',
      'h_sum -1',
      'h_count 1',
    ]);
  });
});

describe('observed gauge', () => {
  const options = { name: 'age_seconds', help: '', labels: ['queue'] };

  test('is read when asked, from every reader, until it is removed', async () => {
    const { meter, lines } = bench();
    let age = 1;
    const stop = meter.observe(options, () => [{ labels: ['a'], value: age }]);
    meter.observe(options, () => [{ labels: ['b'], value: 9 }]);
    age = 2;
    expect(await lines('age_')).toEqual(['age_seconds{queue="a"} 2', 'age_seconds{queue="b"} 9']);
    stop();
    expect(await lines('age_')).toEqual(['age_seconds{queue="b"} 9']);
  });

  test('the same labels are written once, as of the later reader', async () => {
    const { meter, lines } = bench();
    for (const value of [1, 2]) meter.observe(options, () => [{ labels: ['a'], value }]);
    expect(await lines('age_')).toEqual(['age_seconds{queue="a"} 2']);
  });

  test('a reader that throws or has wrong labels costs its own readings and a warning', async () => {
    const { meter, lines, logger } = bench();
    meter.observe(options, () => {
      throw new Error('broken');
    });
    meter.observe(options, () => [{ labels: [], value: 1 }]);
    meter.observe(options, () => [{ labels: ['b'], value: 9 }]);
    expect(await lines('age_')).toEqual(['age_seconds{queue="b"} 9']);
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'metric could not be read'],
      ['warn', 'metric could not be read'],
    ]);
  });
});

describe('the bound on children', () => {
  test('values beyond it go to a child that says so, and are counted and told once', async () => {
    const { meter, lines, logger } = bench(3);
    const sent = meter.counter({ name: 'sent_total', help: '', labels: ['type', 'to'] });
    for (let index = 0; index < 10; index += 1) sent.labels(`t${String(index)}`, 'x').add();
    sent.labels('t0', 'x').add();
    expect(await lines('sent_total')).toEqual([
      'sent_total{type="t0",to="x"} 2',
      'sent_total{type="t1",to="x"} 1',
      'sent_total{type="t2",to="x"} 1',
      'sent_total{type="other",to="other"} 7',
    ]);
    expect(await lines('afflux_metric_overflow_total')).toEqual([
      'afflux_metric_overflow_total{metric="sent_total"} 7',
    ]);
    expect(logger.lines).toEqual([
      {
        level: 'warn',
        message: 'metric has too many label combinations',
        fields: { metric: 'sent_total', childrenMax: 3 },
      },
    ]);
  });

  test('holds for observed gauges too', async () => {
    const { meter, lines } = bench(2);
    meter.observe({ name: 'age', help: '', labels: ['q'] }, () =>
      ['a', 'b', 'c', 'a'].map((label, value) => ({ labels: [label], value })),
    );
    expect(await lines('age')).toEqual(['age{q="a"} 3', 'age{q="b"} 1']);
    expect(await lines('afflux_metric_overflow_total')).toEqual([
      'afflux_metric_overflow_total{metric="age"} 1',
    ]);
  });

  test('the counter of overflows cannot overflow', async () => {
    const { meter, lines } = bench(1);
    for (const name of ['a_total', 'b_total']) {
      const counter = meter.counter({ name, help: '', labels: ['x'] });
      counter.labels('1');
      counter.labels('2');
    }
    expect(await lines('afflux_metric_overflow_total')).toHaveLength(2);
  });

  test('a long label value is cut, and its child is found again', async () => {
    const { meter, lines } = bench();
    const sent = meter.counter({ name: 'sent_total', help: '', labels: ['type'] });
    sent.labels('x'.repeat(60_000)).add();
    sent.labels('x'.repeat(60_000)).add();
    expect(await lines('sent_total')).toEqual([`sent_total{type="${'x'.repeat(256)}"} 2`]);
  });
});

describe('declaring', () => {
  test('twice gives the same instrument', () => {
    const { meter } = bench();
    const options = { name: 'a_total', help: 'x', labels: ['l'] };
    expect(meter.counter(options)).toBe(meter.counter({ ...options, help: 'in other words' }));
  });

  test.each([
    ['other labels', { name: 'a', help: '', labels: ['y'] }],
    ['other bounds', { name: 'a', help: '', labels: ['x'], bounds: [5] }],
  ])('with %s is a programmer error', (_what, options) => {
    const { meter } = bench();
    meter.histogram({ name: 'a', help: '', labels: ['x'], bounds: [1] });
    expect(() => meter.histogram(options)).toThrow('already declared otherwise');
  });

  test('as another kind is a programmer error', () => {
    const { meter } = bench();
    meter.gauge({ name: 'a', help: '' });
    expect(() => meter.counter({ name: 'a', help: '' })).toThrow('already declared otherwise');
    expect(() => meter.observe({ name: 'a', help: '' }, () => [])).toThrow('already declared');
  });

  test.each([
    [{ name: 'a-b', help: '' }, 'no name of a metric'],
    [{ name: 'a', help: '', labels: ['le'] }, 'no name of a label'],
    [{ name: 'a', help: '', labels: ['__x'] }, 'no name of a label'],
    [{ name: 'a', help: '', labels: ['x', 'x'] }, 'twice'],
    [{ name: 'a', help: '', bounds: [2, 1] }, 'must rise'],
    [{ name: 'a', help: '', bounds: [] }, 'must rise'],
  ])('%j is a programmer error', (options, message) => {
    const { meter } = bench();
    expect(() => meter.histogram(options)).toThrow(message);
  });

  test('the wrong number of label values is a programmer error', () => {
    const { meter } = bench();
    const counter = meter.counter({ name: 'a_total', help: '', labels: ['x'] });
    expect(() => counter.labels()).toThrow('a_total has the labels (x)');
  });
});

describe('exposition', () => {
  test('is the text format of Prometheus, escaped', async () => {
    const { meter, exposition } = bench();
    meter
      .counter({ name: 'a_total', help: 'One\nline \\.', labels: ['l'] })
      .labels('"\\\n')
      .add();
    const { contentType, body } = await exposition.text();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('# HELP a_total One\\nline \\\\.\n# TYPE a_total counter\n');
    expect(body).toContain('a_total{l="\\"\\\\\\n"} 1\n');
  });

  test('shows what was declared after the first time it was asked', async () => {
    const { meter, lines } = bench();
    await lines('a_total');
    meter.counter({ name: 'a_total', help: '' }).labels().add();
    expect(await lines('a_total')).toEqual(['a_total 1']);
  });

  test('adds the metrics of the process where they are wanted, and bears being asked twice at once', async () => {
    const { meter } = bench();
    const exposition = new Exposition(meter, { processMetrics: true });
    const [first, second] = await Promise.all([exposition.text(), exposition.text()]);
    for (const { body } of [first, second]) {
      expect(body).toMatch(/^process_cpu_seconds_total \d/m);
      expect(body).toMatch(/^nodejs_eventloop_lag_seconds /m);
    }
  });
});
