/** The samples are judged here as they say. The same in a cluster: server.test.ts. */
import { expect, test } from 'vitest';
import { CHANGES } from './changes.ts';
import { judge, objectOf, objectsOf } from './objects.ts';
import { SAMPLES } from './samples.ts';

const PLACE = { name: 'mine', namespace: 'ns' };

test.each(SAMPLES.map((sample) => [sample.verdict, objectOf(sample, PLACE)] as const))(
  '%s: %j',
  (verdict, object) => {
    const { problems } = judge(object);
    if (verdict === 'valid') expect(problems).toBe('');
    else expect(problems).not.toBe('');
  },
);

test.each(CHANGES.map((change) => [change.verdict, objectsOf(change, PLACE)] as const))(
  '%s change: %j',
  (verdict, { before, after }) => {
    const { object: old, problems: problemsBefore } = judge(before);
    expect(problemsBefore).toBe('');
    const { problems } = judge(after, old);
    if (verdict === 'valid') expect(problems).toBe('');
    else expect(problems).not.toBe('');
  },
);
