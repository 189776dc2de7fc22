/** A message that is no event, wrapped as one, so that it can be shown, dropped and sent on. */
import { type CloudEvent, makeEvent } from '@afflux/events';
import type { AnyMessage } from './envelope.ts';

/** The type that Knative's RabbitMQ source gives to such messages. */
const TYPE = 'dev.knative.rabbitmq.event';

export function wrapUndecodable(message: AnyMessage, id: string, queue: string): CloudEvent {
  return makeEvent({
    id,
    type: TYPE,
    source: `/rabbitmq/queues/${encodeURIComponent(queue)}`,
    data: message.content,
  });
}
