/**
 * What a Sequence consists of, as a pure function: one channel and one Subscription per step.
 *
 *     producer ─▶ channel 0 ─ subscription 0 ─▶ step 0
 *                 channel 1 ◀──── reply ──────────┘
 *                 channel 1 ─ subscription 1 ─▶ step 1 ─ reply ─▶ spec.reply
 *
 * A step that replies with nothing ends the flow.
 */
import type {
  ApiObject,
  ChannelTemplate,
  Destination,
  Sequence,
  SequenceStep,
} from '@afflux/resources';
import { sequenceStepName } from '../model/names.ts';
import {
  channelFromTemplate,
  channelReference,
  subscriptionFor,
  type SubscriptionSpec,
} from './child-objects.ts';

/** One entry per step in each list. */
export interface SequenceOutline {
  readonly channels: readonly ApiObject[];
  readonly subscriptions: readonly ApiObject<SubscriptionSpec>[];
}

/** The children that a Sequence should have. */
export function sequenceChildren(sequence: Sequence, template: ChannelTemplate): SequenceOutline {
  const { steps } = sequence.spec;
  const nameOf = (step: number): string => sequenceStepName(sequence.metadata.name, step);
  return {
    channels: steps.map((_, index) =>
      channelFromTemplate(sequence, template, { name: nameOf(index) }),
    ),
    subscriptions: steps.map((step, index) => {
      const reply = replyOf(sequence, template, index);
      return subscriptionFor(sequence, nameOf(index), {
        channel: channelReference(template, nameOf(index)),
        subscriber: subscriberOf(step),
        ...(reply === undefined ? {} : { reply }),
        ...(step.delivery === undefined ? {} : { delivery: step.delivery }),
      });
    }),
  };
}

/** A step is a destination with a delivery beside it. */
function subscriberOf(step: SequenceStep): Destination {
  const { delivery: _, ...destination } = step;
  return destination;
}

/** The next channel, or what the Sequence as a whole replies to. */
function replyOf(
  { metadata, spec }: Sequence,
  template: ChannelTemplate,
  step: number,
): Destination | undefined {
  if (step === spec.steps.length - 1) return spec.reply;
  const next = sequenceStepName(metadata.name, step + 1);
  return { ref: channelReference(template, next, metadata.namespace) };
}
