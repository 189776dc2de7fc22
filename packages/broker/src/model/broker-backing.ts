/**
 * What carries a Broker that is its own channel, and a KafkaSink. Pure: whoever composes a process opens channels with it, in the
 * control plane and in the data plane alike.
 */
import type { ChannelBacking } from '@afflux/channels';
import type { Broker, KafkaSink } from '@afflux/resources';
import {
  configProblem,
  secretReference,
  type BackingProblem,
  type BackingReference,
  type BackingSources,
} from './backing-sources.ts';
import { brokerFamily } from './broker-class.ts';
import { brokerTopic, kafkaBacking, kafkaReferences, sinkTopic } from './kafka-backing.ts';
import { brokerExchange, rabbitmqBacking, rabbitmqReferences } from './rabbitmq-backing.ts';

/** The driver and its configuration, or why there is none. The configuration may hold secrets. */
export function brokerBacking(
  broker: Broker,
  sources: BackingSources,
): ChannelBacking | BackingProblem {
  switch (brokerFamily(broker)) {
    case 'kafka': {
      const topic = brokerTopic(broker, sources);
      return 'problem' in topic ? topic : kafkaBacking(topic.value, sources);
    }
    case 'rabbitmq': {
      const exchange = brokerExchange(broker, sources);
      return 'problem' in exchange ? exchange : rabbitmqBacking(exchange.value, sources);
    }
    default:
      return configProblem('the class of the broker has no storage of its own');
  }
}

/** Objects whose change may change the backing: watched by whoever uses it. */
export function brokerReferences(
  broker: Broker,
  sources: BackingSources,
): readonly BackingReference[] {
  switch (brokerFamily(broker)) {
    case 'kafka':
      return kafkaReferences(broker, sources);
    case 'rabbitmq':
      return rabbitmqReferences(broker, sources);
    default:
      return [];
  }
}

/** The same for a KafkaSink. */
export function sinkBacking(
  sink: KafkaSink,
  sources: Pick<BackingSources, 'secret'>,
): ChannelBacking | BackingProblem {
  return kafkaBacking(sinkTopic(sink), sources);
}

/** Objects whose change may change the backing of a KafkaSink. */
export function sinkReferences(sink: KafkaSink): readonly BackingReference[] {
  const { authSecret } = sinkTopic(sink);
  return authSecret === undefined ? [] : [secretReference(authSecret)];
}
