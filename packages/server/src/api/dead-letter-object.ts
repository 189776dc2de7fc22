/** A dead letter as an object of the API. */
import type { DeadLetter } from '@afflux/channels';
import { BROKER_LABEL, TRIGGER_LABEL } from '@afflux/resources';
import type { BacklogQuery, OpenChannel, SubscriptionOwner } from '../backlogs/directory.ts';
import { eventText } from './event-text.ts';
import { letterName } from './letter-name.ts';

export const API_VERSION = 'afflux.dev/v1alpha1';

/** Labels that select dead letters, beside Knative's for Broker and Trigger. */
const CHANNEL_LABEL = 'afflux.dev/channel';
const SUBSCRIPTION_LABEL = 'afflux.dev/subscription';

/** Where a letter is kept. */
export interface LetterPlace {
  readonly channel: OpenChannel;
  /** The object that gave the event up, as far as it is known; a removed one is not. */
  readonly owner: SubscriptionOwner | undefined;
}

export function ownerIn(channel: OpenChannel, subscription: string): SubscriptionOwner | undefined {
  return channel.subscriptions.find(({ id }) => id === subscription)?.owner;
}

/** The object as JSON text. The event comes last and as it is: see event-text.ts. */
export function deadLetterText(
  letter: DeadLetter,
  { channel, owner }: LetterPlace,
  dataBytesMax: number,
): string {
  const { reason } = letter;
  const { json, dataBytes, isCut } = eventText(letter.event, dataBytesMax);
  const head = {
    apiVersion: API_VERSION,
    kind: 'DeadLetter',
    metadata: {
      name: letterName(channel.ref, letter, owner),
      namespace: channel.ref.namespace,
      creationTimestamp: timestamp(letter.storedMs),
      labels: labelsOf({ channel, owner }),
    },
    status: {
      reason: reason.reason,
      stage: reason.stage,
      destination: reason.destination,
      code: reason.code,
      response: reason.data,
      attempts: reason.attempts,
      lastAttemptTime: timestamp(reason.atMs),
    },
  };
  const spec = {
    channel: { kind: channel.ref.kind, name: channel.ref.name },
    subscription: letter.subscription,
    dataBytes,
    ...(isCut ? { dataTruncated: true } : {}),
  };
  return `${openEnded(head)},"spec":${openEnded(spec)},"event":${json}}}`;
}

function labelsOf({ channel, owner }: LetterPlace): Record<string, string> {
  return {
    ...(channel.broker === undefined
      ? { [CHANNEL_LABEL]: channel.ref.name }
      : { [BROKER_LABEL]: channel.broker }),
    ...(owner?.kind === 'Trigger' ? { [TRIGGER_LABEL]: owner.name } : {}),
    ...(owner?.kind === 'Subscription' ? { [SUBSCRIPTION_LABEL]: owner.name } : {}),
  };
}

/** What a label selector may name, as a query. */
export const QUERY_LABELS: Readonly<Record<string, keyof BacklogQuery>> = {
  [BROKER_LABEL]: 'broker',
  [TRIGGER_LABEL]: 'trigger',
  [CHANNEL_LABEL]: 'channel',
  [SUBSCRIPTION_LABEL]: 'subscription',
};

function openEnded(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

/** As Kubernetes writes times: to the second. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
