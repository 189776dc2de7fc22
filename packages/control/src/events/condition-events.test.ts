import type { Condition, ConditionStatus } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { conditionEvents, happyEventOf, type ConditionsOfRun } from './condition-events.ts';

const HAPPY_EVENT = { reason: 'GadgetReady', message: 'Gadget is ready' };

function is(type: string, status: ConditionStatus, reason?: string, message?: string): Condition {
  return {
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function told(before: Condition[], after: Condition[], changes: Partial<ConditionsOfRun> = {}) {
  const events = conditionEvents({
    before,
    after,
    happy: 'Ready',
    happyEvent: HAPPY_EVENT,
    ...changes,
  });
  return events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}

const READY = is('Ready', 'True');
const UP = is('Up', 'True');
const DOWN = is('Up', 'False', 'NotThere', 'it is not there');
const FAR = is('Up', 'False', 'TooFar', 'it is not there');

describe('conditionEvents', () => {
  it.each<[string, Condition[], Condition[], string[]]>([
    ['a condition that becomes False', [UP], [DOWN], ['Warning NotThere: it is not there']],
    ['a condition that is False at first', [], [DOWN], ['Warning NotThere: it is not there']],
    ['False after Unknown', [is('Up', 'Unknown')], [DOWN], ['Warning NotThere: it is not there']],
    ['a new reason while False', [DOWN], [FAR], ['Warning TooFar: it is not there']],
    [
      'a new message while False',
      [DOWN],
      [is('Up', 'False', 'NotThere', 'gone')],
      ['Warning NotThere: gone'],
    ],
    [
      'False without a message',
      [],
      [is('Up', 'False', 'NotThere')],
      ['Warning NotThere: Up is false'],
    ],
    [
      'the happy condition that becomes True',
      [],
      [READY, UP],
      ['Normal GadgetReady: Gadget is ready'],
    ],
    [
      'the happy condition that was False',
      [is('Ready', 'False', 'NotThere')],
      [READY],
      ['Normal GadgetReady: Gadget is ready'],
    ],
    [
      'two conditions that become False',
      [],
      [DOWN, is('Wide', 'False', 'Narrow', 'too narrow')],
      ['Warning NotThere: it is not there', 'Warning Narrow: too narrow'],
    ],
  ])('tells of %s', (_, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  it.each<[string, Condition[], Condition[]]>([
    ['what stays False for the same reason', [DOWN], [{ ...DOWN, lastTransitionTime: 'now' }]],
    ['what becomes True and is not the happy condition', [DOWN], [UP]],
    ['the happy condition that stays True', [READY], [{ ...READY, reason: 'Again' }]],
    ['what becomes Unknown', [UP], [is('Up', 'Unknown', 'NoIdea', 'who knows')]],
    ['what is no longer there', [DOWN], []],
    ['a reason that is a sentence', [], [is('Up', 'False', 'nil URL', 'no')]],
    ['a reason in small letters', [], [is('Up', 'False', 'notThere', 'no')]],
    ['no reason', [], [is('Up', 'False')]],
    ['a reason that is too long', [], [is('Up', 'False', 'A'.repeat(129))]],
  ])('does not tell of %s', (_, before, after) => {
    expect(told(before, after)).toEqual([]);
  });

  it('tells once what the happy condition repeats', () => {
    const ready = is('Ready', 'False', 'NotThere', 'it is not there');
    expect(told([], [ready, DOWN])).toEqual(['Warning NotThere: it is not there']);
  });

  it('tells nothing of readiness for a kind that has no happy condition', () => {
    expect(told([], [READY], { happy: undefined })).toEqual([]);
  });
});

describe('happyEventOf', () => {
  it('is named for the kind and its happy condition', () => {
    const job = { apiVersion: 'v1', kind: 'Job', metadata: { name: 'a' } };
    expect(happyEventOf(job, 'Ready')).toEqual({ reason: 'JobReady', message: 'Job is ready' });
    expect(happyEventOf(job, 'Succeeded')).toEqual({
      reason: 'JobSucceeded',
      message: 'Job succeeded',
    });
  });
});
