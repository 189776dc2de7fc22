/** What the status of each channel kind says, as data; one reconciler serves them all. */
import type { GroupVersionKind } from '@afflux/control';
import {
  type ConditionSet,
  DURABLE_CHANNEL_CONDITIONS,
  IN_MEMORY_CHANNEL_CONDITIONS,
  KAFKA_CHANNEL_CONDITIONS,
  RABBITMQ_CHANNEL_CONDITIONS,
} from '@afflux/resources';
import {
  DURABLE_CHANNEL,
  IN_MEMORY_CHANNEL,
  isSameKind,
  KAFKA_CHANNEL,
  RABBITMQ_CHANNEL,
} from '../model/kinds.ts';

export interface ChannelRules {
  readonly kind: GroupVersionKind;
  readonly conditions: ConditionSet;
  /** True as long as this process runs: it is the dispatcher, and the listener that the address leads to. */
  readonly always: readonly string[];
  /** Absent: the channel needs nothing outside of its process. */
  readonly backEnd?: {
    /** Says whether the settings are there and right. Absent: there are none. */
    readonly configured?: string;
    /** Says whether what holds the events is there. */
    readonly made: string;
    readonly finalizer: string;
  };
}

const RULES: readonly ChannelRules[] = [
  {
    kind: IN_MEMORY_CHANNEL,
    conditions: IN_MEMORY_CHANNEL_CONDITIONS,
    always: ['DispatcherReady', 'ServiceReady', 'EndpointsReady', 'ChannelServiceReady'],
  },
  {
    kind: DURABLE_CHANNEL,
    conditions: DURABLE_CHANNEL_CONDITIONS,
    always: [],
    backEnd: { made: 'StoreReady', finalizer: 'durablechannels.messaging.afflux.dev' },
  },
  {
    kind: KAFKA_CHANNEL,
    conditions: KAFKA_CHANNEL_CONDITIONS,
    always: ['ConfigMapUpdated', 'DataPlaneAvailable', 'ProbeSucceeded', 'ChannelServiceReady'],
    backEnd: {
      configured: 'ConfigParsed',
      made: 'TopicReady',
      finalizer: 'kafkachannels.messaging.knative.dev',
    },
  },
  {
    kind: RABBITMQ_CHANNEL,
    conditions: RABBITMQ_CHANNEL_CONDITIONS,
    always: [],
    backEnd: {
      configured: 'SecretReady',
      made: 'ExchangeReady',
      finalizer: 'rabbitmqchannels.messaging.afflux.dev',
    },
  },
];

/** The rules of a kind; undefined for kinds that this package does not know. */
export function channelRules(kind: GroupVersionKind): ChannelRules | undefined {
  return RULES.find((rules) => isSameKind(rules.kind, kind));
}
