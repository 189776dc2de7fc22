import { CONTROLLER_USER } from '@afflux/resources';
import { expect, it } from 'vitest';
import { broker, memoryChannel, startStore, trigger } from './testing/store.ts';

it('fills in defaults before an object is stored', async () => {
  const { store } = await startStore();
  expect(await store.create(broker())).toMatchObject({
    metadata: { annotations: { 'eventing.knative.dev/broker.class': 'MTChannelBasedBroker' } },
    spec: { config: { name: 'config-br-default-channel' }, delivery: { retry: 10 } },
  });
});

it('refuses in the form of kube-apiserver, and lists every field for tools', async () => {
  const { store } = await startStore();
  const wrong = trigger('t', { broker: '', delivery: { retry: 1, backoffDelay: 'x' } });
  await expect(store.create(wrong)).rejects.toMatchObject({
    code: 'AFFLUX_STORE_INVALID',
    status: 422,
    message: expect.stringMatching(
      /^Trigger\.eventing\.knative\.dev "t" is invalid: \[.*spec\.broker: Required value/s,
    ) as string,
    details: {
      problems: expect.arrayContaining([
        expect.objectContaining({ paths: ['spec.broker'] }),
        expect.objectContaining({ paths: ['spec.delivery.backoffDelay'] }),
      ]) as unknown,
    },
  });
});

it('knows what was there before: what must not change does not', async () => {
  const { store } = await startStore();
  const stored = await store.create(trigger('t'));
  const moved = { ...stored, spec: { ...(stored.spec as object), broker: 'other' } };
  await expect(store.update(moved)).rejects.toMatchObject({ code: 'AFFLUX_STORE_INVALID' });
});

it.each([
  [CONTROLLER_USER, true],
  ['afflux-apply', false],
  [undefined, false],
])('subscribers of a channel are the business of controllers: %s may: %s', async (user, may) => {
  const { store } = await startStore();
  const stored = await store.create(memoryChannel('c'));
  const subscribers = [{ uid: 'u', subscriberUri: 'http://localhost:1/' }];
  const written = store.update(
    { ...stored, spec: { subscribers } },
    user === undefined ? {} : { fieldManager: user },
  );
  if (may) expect(await written).toMatchObject({ spec: { subscribers } });
  else await expect(written).rejects.toMatchObject({ code: 'AFFLUX_STORE_INVALID' });
});
