import { describe, expect, test } from 'vitest';
import { decodeProblems, manifest, REGISTRY } from '../../testing.ts';

const TIME = 'expected a time as RFC 3339 has it';
const MICRO = 'with six digits after the second';

const event = (fields: object) =>
  manifest('Event', { involvedObject: { kind: 'Broker', name: 'b', namespace: 'ns' }, ...fields });
const lease = (spec: object) => manifest('Lease', { apiVersion: 'coordination.k8s.io/v1', spec });

describe('a time', () => {
  test.each([
    '2020-01-01T00:00:00Z',
    '2020-01-01T23:59:59.123Z',
    '2020-01-01T00:00:00+02:00',
    '2020-02-29T00:00:00,5Z',
    null,
  ])('may be %s', (firstTimestamp) => {
    expect(decodeProblems(event({ firstTimestamp, lastTimestamp: firstTimestamp }))).toBe('');
  });

  test.each([
    'x',
    '',
    '2020-01-01',
    '2020-01-01t00:00:00z',
    '2020-02-30T00:00:00Z',
    '2020-01-01T24:00:00Z',
    '2020-01-01T00:00:60Z',
    '2020-01-01T00:00:00',
    '2020-01-01T00:00:00+25:00',
  ])('may not be %j', (time) => {
    const problems = decodeProblems(event({ firstTimestamp: time }));
    expect(problems).toContain(': firstTimestamp');
    expect(problems).toContain(TIME);
    const newer = {
      apiVersion: 'events.k8s.io/v1',
      deprecatedFirstTimestamp: time,
      deprecatedLastTimestamp: time,
    };
    expect(decodeProblems(manifest('Event', newer))).toContain('deprecatedLastTimestamp');
  });
});

describe('a time with microseconds', () => {
  test.each(['2020-01-01T00:00:00.123456Z', '2020-01-01T00:00:00.000000-07:00', null])(
    'may be %s',
    (time) => {
      expect(decodeProblems(event({ series: { lastObservedTime: time } }))).toBe('');
      expect(decodeProblems(lease({ acquireTime: time, renewTime: time }))).toBe('');
    },
  );

  test.each([
    'x',
    '2020-01-01T00:00:00Z',
    '2020-01-01T00:00:00.123Z',
    '2020-01-01T00:00:00.1234567Z',
  ])('may not be %s', (time) => {
    const problems = [
      decodeProblems(event({ eventTime: time })),
      decodeProblems(event({ series: { count: 2, lastObservedTime: time } })),
      decodeProblems(lease({ acquireTime: time })),
      decodeProblems(lease({ renewTime: time })),
    ];
    for (const problem of problems) expect(problem).toContain(MICRO);
    expect(problems[3]).toContain('spec.renewTime');
  });
});

test('schemas say that these texts are times', () => {
  const schema = REGISTRY.get('coordination.k8s.io/v1', 'Lease')?.structural();
  expect(schema?.properties?.['spec']?.properties?.['renewTime']).toMatchObject({
    type: 'string',
    format: 'date-time',
  });
});
