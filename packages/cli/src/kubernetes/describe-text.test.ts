import { describe, expect, it } from 'vitest';
import { describeText, titleOf } from './describe-text.ts';

const NOW_MS = Date.parse('2026-01-01T00:10:00Z');
const TRIGGER = {
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Trigger',
  metadata: { name: 'payments', namespace: 'shop' },
};

describe('titles', () => {
  it.each([
    ['apiVersion', 'API Version'],
    ['deadLetterSinkUri', 'Dead Letter Sink Uri'],
    ['uid', 'UID'],
    ['aURL', 'A URL'],
    ['URLPath', 'URL Path'],
    ['x', 'X'],
    ['httpGet2', 'httpGet2'],
    ['a.b', 'a.b'],
  ])('%s is %s', (field, title) => {
    expect(titleOf(field)).toBe(title);
  });
});

describe('a description', () => {
  it('shows all fields in order, and says when there are no events', () => {
    const object = {
      ...TRIGGER,
      metadata: { ...TRIGGER.metadata, labels: { b: '2', a: '1' }, generation: 1 },
      spec: { broker: 'main', filters: [{ exact: { type: 'a' } }, 'text'], none: null },
    };
    expect(describeText(object, { events: [], nowMs: NOW_MS })).toBe(`Name:         payments
Namespace:    shop
Labels:       a=1
              b=2
Annotations:  <none>
API Version:  eventing.knative.dev/v1
Kind:         Trigger
Metadata:
  Generation:  1
Spec:
  Broker:  main
  Filters:
    Exact:
      Type:  a
    text
  None:  <nil>
Events:  <none>
`);
  });

  it('shows events by their last time, with how often they came', () => {
    const event = (reason: string, more: object) => ({ type: 'Warning', reason, ...more });
    const text = describeText(TRIGGER, {
      nowMs: NOW_MS,
      events: [
        event('Later', {
          message: 'no\n',
          count: 3,
          firstTimestamp: '2026-01-01T00:00:00Z',
          lastTimestamp: '2026-01-01T00:09:30Z',
          source: { component: 'trigger-controller' },
        }),
        event('Sooner', {
          message: 'ok',
          count: 1,
          firstTimestamp: '2026-01-01T00:08:00Z',
          lastTimestamp: '2026-01-01T00:08:00Z',
          reportingComponent: 'reporter',
        }),
      ],
    });
    expect(text.slice(text.indexOf('Events:'))).toBe(`Events:
  Type     Reason  Age                From                Message
  ----     ------  ----               ----                -------
  Warning  Sooner  2m                 reporter            ok
  Warning  Later   30s (x3 over 10m)  trigger-controller  no
`);
  });

  it('cuts long annotations and puts their lines below each other', () => {
    const annotations = {
      long: 'x'.repeat(200),
      lines: 'a\nb',
      'kubectl.kubernetes.io/last-applied-configuration': 'y',
    };
    const text = describeText(
      { ...TRIGGER, metadata: { ...TRIGGER.metadata, annotations } },
      { events: undefined, nowMs: NOW_MS },
    );
    const indent = ' '.repeat(14);
    expect(text).toContain(
      `Annotations:  lines:\n${indent}  a\n${indent}  b\n${indent}long:\n${indent}  ${'x'.repeat(138)}...\nAPI`,
    );
    expect(text).not.toContain('last-applied');
    expect(text).not.toContain('Events');
  });

  it('shows how large secrets are, not what they are', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pass' },
      data: { password: Buffer.from('hunter2').toString('base64') },
    };
    const text = describeText(secret, { events: undefined, nowMs: NOW_MS });
    expect(text).toContain('Password:  7 bytes');
    expect(text).not.toContain(secret.data.password);
  });

  it('makes what a terminal would obey visible', () => {
    const text = describeText(
      { ...TRIGGER, spec: { a: '\u001b[31m' } },
      { events: undefined, nowMs: NOW_MS },
    );
    expect(text).toContain('A:  ^[[31m');
  });
});
