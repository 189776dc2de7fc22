import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, decodeProblems, manifest } from '../../testing.ts';
import type { Parallel } from './parallel.ts';
import { PARALLEL_CONDITIONS } from './parallel.ts';
import type { Sequence } from './sequence.ts';
import { SEQUENCE_CONDITIONS } from './sequence.ts';

const TEMPLATE = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };
const SERVICE = { ref: { apiVersion: 'v1', kind: 'Service', name: 'orders' } };
const BROKEN = { ref: { kind: 'Service', name: 'orders' } };
const IN_NS = { ref: { ...SERVICE.ref, namespace: 'ns' } };
const RELATIVE =
  'invalid value: Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent';
const DURATION = 'expected an ISO 8601 duration such as PT0.2S';

describe('Sequence', () => {
  test('defaults are the channel template and namespaces', () => {
    const spec = {
      steps: [SERVICE, { ...SERVICE, delivery: { deadLetterSink: SERVICE } }],
      reply: SERVICE,
    };
    expect(admitted<Sequence>(manifest('Sequence', { spec })).spec).toEqual({
      steps: [IN_NS, { ...IN_NS, delivery: { deadLetterSink: IN_NS } }],
      reply: IN_NS,
      channelTemplate: TEMPLATE,
    });
  });

  test.each([
    [{ steps: [] }, 'missing field(s): spec.steps'],
    [{ steps: [SERVICE, BROKEN] }, 'missing field(s): spec.steps[1].ref.apiVersion'],
    [{ steps: [{}] }, 'expected at least one, got none: spec.steps[0].ref, spec.steps[0].uri'],
    [
      { steps: [{ ...SERVICE, delivery: { backoffDelay: 'x' } }] },
      `invalid value: x: spec.steps[0].delivery.backoffDelay\n${DURATION}`,
    ],
    [
      { steps: [SERVICE], channelTemplate: { apiVersion: 'a', kind: '' }, reply: BROKEN },
      'missing field(s): spec.channelTemplate.kind, spec.reply.ref.apiVersion',
    ],
    [{ steps: [SERVICE], reply: { uri: 'x' } }, `${RELATIVE}: spec.reply.uri`],
  ])('%j', (spec, problems) => {
    expect(admitProblems(manifest('Sequence', { spec }))).toBe(problems);
  });

  test('needs steps', () => {
    expect(decodeProblems(manifest('Sequence'))).toBe('missing field(s): spec.steps');
  });

  test('without any default there must be a template', () => {
    const context = contextWith({ channelDefaults: {} });
    expect(admitProblems(manifest('Sequence', { spec: { steps: [SERVICE] } }), context)).toBe(
      'missing field(s): spec.channelTemplate',
    );
  });

  test('may be changed in every field', () => {
    const old = admitted(manifest('Sequence', { spec: { steps: [SERVICE] } }));
    const spec = { steps: [SERVICE, SERVICE], channelTemplate: { apiVersion: 'x/v1', kind: 'X' } };
    expect(admitProblems(manifest('Sequence', { spec }), contextWith(), old)).toBe('');
  });
});

describe('Parallel', () => {
  test('defaults are the channel template and namespaces', () => {
    const branch = {
      filter: SERVICE,
      subscriber: SERVICE,
      reply: SERVICE,
      delivery: { deadLetterSink: SERVICE },
    };
    const spec = { branches: [branch, { subscriber: SERVICE }], reply: SERVICE };
    expect(admitted<Parallel>(manifest('Parallel', { spec })).spec).toEqual({
      branches: [
        { filter: IN_NS, subscriber: IN_NS, reply: IN_NS, delivery: { deadLetterSink: IN_NS } },
        { subscriber: IN_NS },
      ],
      reply: IN_NS,
      channelTemplate: TEMPLATE,
    });
  });

  const branch = (changes: object) => ({ branches: [{ subscriber: SERVICE, ...changes }] });

  test.each([
    [{ branches: [] }, 'missing field(s): spec.branches'],
    [branch({ filter: BROKEN }), 'missing field(s): spec.branches[0].filter.ref.apiVersion'],
    [
      branch({ subscriber: BROKEN }),
      'missing field(s): spec.branches[0].subscriber.ref.apiVersion',
    ],
    [branch({ reply: { uri: 'x' } }), `${RELATIVE}: spec.branches[0].reply.uri`],
    [
      branch({ delivery: { backoffDelay: 'x' } }),
      `invalid value: x: spec.branches[0].delivery.backoffDelay\n${DURATION}`,
    ],
    [
      { ...branch({}), channelTemplate: { apiVersion: '', kind: '' }, reply: BROKEN },
      'missing field(s): spec.channelTemplate.apiVersion, spec.channelTemplate.kind, spec.reply.ref.apiVersion',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(manifest('Parallel', { spec }))).toBe(problems);
  });

  test('may be changed in every field', () => {
    const old = admitted(manifest('Parallel', { spec: branch({}) }));
    const spec = {
      ...branch({ filter: SERVICE }),
      channelTemplate: { apiVersion: 'x/v1', kind: 'X' },
    };
    expect(admitProblems(manifest('Parallel', { spec }), contextWith(), old)).toBe('');
  });
});

test('the same four conditions decide the readiness of both', () => {
  const dependents = ['ChannelsReady', 'SubscriptionsReady', 'Addressable', 'EventPoliciesReady'];
  expect(SEQUENCE_CONDITIONS.dependents).toEqual(dependents);
  expect(PARALLEL_CONDITIONS.dependents).toEqual(dependents);
});
