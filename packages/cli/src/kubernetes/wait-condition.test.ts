import { describe, expect, it } from 'vitest';
import type { KubeObject } from './objects.ts';
import { isMet, parseWaitCondition } from './wait-condition.ts';

const BROKER: KubeObject = {
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Broker',
  metadata: { name: 'main', generation: 2 },
  spec: { size: 3, words: ['a', 'b'] },
  status: {
    observedGeneration: 2,
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Old', status: 'True', observedGeneration: 1 },
    ],
    address: { url: 'http://localhost' },
  },
};

describe('what is waited for', () => {
  it.each([
    ['condition=Ready', true],
    ['condition=ready=true', true],
    ['condition=Ready=False', false],
    ['condition=Missing', false],
    ['condition=Old', false],
    ['create', true],
    ['delete', false],
    ['jsonpath={.spec.size}=3', true],
    ["jsonpath='{.spec.size}'=3", true],
    ['jsonpath={.spec.size}="3"', true],
    ['jsonpath={.spec.size}=4', false],
    ['jsonpath={.status.address.url}', true],
    ['jsonpath={.status.missing}', false],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
  ])('%s of an object that is there: %s', (text, expected) => {
    expect(isMet(parseWaitCondition(text), BROKER)).toBe(expected);
  });

  it.each([
    ['delete', true],
    ['create', false],
    ['condition=Ready', false],
    ['jsonpath={.a}', false],
  ])('%s of an object that is not there: %s', (text, expected) => {
    expect(isMet(parseWaitCondition(text), undefined)).toBe(expected);
  });

  it('is not met by what was said of an older spec', () => {
    const changed = { ...BROKER, metadata: { name: 'main', generation: 3 } };
    expect(isMet(parseWaitCondition('condition=Ready'), changed)).toBe(false);
  });

  it.each(['', 'bogus', 'condition', 'condition=', 'jsonpath=.a'])('cannot be %j', (text) => {
    expect(() => parseWaitCondition(text)).toThrow(`unrecognized condition: "${text}"`);
  });

  it.each([
    ['jsonpath={.spec.words[*]}=a', /more than one value/],
    ['jsonpath={.spec}=a', /nested object or list/],
  ])('%s cannot be compared', (text, message) => {
    expect(() => isMet(parseWaitCondition(text), BROKER)).toThrow(message);
  });
});
