import { expect, it } from 'vitest';
import { makeEvent } from './make-event.ts';
import { sameEvent } from './same-event.ts';

const event = makeEvent({ id: '1', source: '/s', type: 't', data: 'x' });
const carried = { passthrough: ['x-request-id', 'r1'] };

it('carries what came with the event through changes, and is the same event', () => {
  const changed = event.carrying(carried).with({ subject: 'orders' });
  expect(changed.carried).toBe(carried);
  expect(sameEvent(event, event.carrying(carried))).toBe(true);
  expect(event.carried).toBeUndefined();
});

it('shares the data', () => {
  expect(event.carrying(carried).data).toBe(event.data);
});
