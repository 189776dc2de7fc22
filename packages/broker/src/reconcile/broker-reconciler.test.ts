import { describe } from 'vitest';
import { BROKER } from '../model/kinds.ts';
import {
  broker,
  brokerChannel,
  brokerConfig,
  BROKER_UID,
  BROKER_URL,
  CHANNEL_NAME,
  CHANNEL_URL,
  CONFIG,
  configMap,
  serviceRef,
} from '../testing/objects.ts';
import { brokerTable, conditions, containing, REGISTRY, without } from '../testing/table.ts';
import { BrokerReconciler } from './broker-reconciler.ts';

const KEY = 'default/main';
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Broker', key: KEY } as const;
const CHANNEL_WRITE = { kind: 'InMemoryChannel', key: `default/${CHANNEL_NAME}` } as const;
const RETRY = { retry: 3, backoffDelay: 'PT1S' };

/** The channel condition with this reason and a message that contains the text; Ready says the same. */
function channelProblem(reason: string, text: string) {
  const message = containing(text);
  return {
    conditions: conditions(
      { type: 'TriggerChannelReady', status: 'False', reason, message },
      { type: 'Ready', status: 'False', reason, message },
    ),
  };
}

/** One patch of the channel, with this `spec.delivery`. */
function patched(delivery: unknown) {
  return {
    ...CHANNEL_WRITE,
    verb: 'patch',
    patch: { type: 'merge', body: { spec: { delivery } } },
  } as const;
}

describe('Broker reconciler', () => {
  brokerTable(
    BROKER,
    ({ store, resolver, tracker }) =>
      new BrokerReconciler({
        store,
        registry: REGISTRY,
        resolver,
        tracker,
        channelKinds: ['InMemoryChannel', 'DurableChannel', 'PigeonChannel'],
        brokerUrl: (namespace, name) => `http://localhost:8080/${namespace}/${name}`,
      }),
    [
      {
        name: 'a broker without a config says which defaults are missing',
        world: [{ ...broker(), spec: {} }],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem('ChannelTemplateFailed', 'config-br-defaults names no default'),
      },
      {
        name: 'a config map that does not exist is named, and watched',
        world: [broker()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem(
          'ChannelTemplateFailed',
          'ConfigMap "default/br-config" of spec.config was not found',
        ),
        tracked: ['v1/ConfigMap default/br-config'],
      },
      {
        name: 'a config that is no config map is refused',
        world: [broker({ config: { ...CONFIG, kind: 'Secret' } })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem('ChannelTemplateFailed', 'must reference a v1 ConfigMap'),
      },
      {
        name: 'a config of a kind that is not known here is refused and not watched',
        world: [
          broker({ config: { apiVersion: 'example.com/v1', kind: 'PigeonConfig', name: 'p' } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem('ChannelTemplateFailed', 'not a PigeonConfig'),
        tracked: [],
      },
      {
        name: 'a template that cannot be read is named with its key',
        world: [brokerConfig('kind: InMemoryChannel'), broker()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem('ChannelTemplateFailed', 'apiVersion'),
      },
      {
        name: 'a config map without a template is named with the key that is missing',
        world: [configMap('br-config', { other: 'x' }), broker()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem('ChannelTemplateFailed', 'channel-template-spec'),
      },
      {
        name: 'the older key of a template is read, too',
        world: [
          configMap('br-config', {
            channelTemplateSpec: 'apiVersion: messaging.knative.dev/v1\nkind: InMemoryChannel',
          }),
          broker(),
          brokerChannel(),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: { conditions: conditions({ type: 'Ready', status: 'True' }) },
      },
      {
        name: 'a channel kind that brokers cannot stand on is refused with those that they can',
        world: [brokerConfig('apiVersion: messaging.knative.dev/v1\nkind: Channel'), broker()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem(
          'ChannelTemplateFailed',
          'channel kind Channel (messaging.knative.dev/v1) is not available here: use InMemoryChannel',
        ),
      },
      {
        name: 'a channel kind that nobody knows is refused',
        world: [brokerConfig('apiVersion: example.com/v1\nkind: PigeonChannel'), broker()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem('ChannelTemplateFailed', 'PigeonChannel (example.com/v1)'),
      },
      {
        name: 'a durable channel is made where the template says so',
        world: [
          brokerConfig('apiVersion: messaging.afflux.dev/v1alpha1\nkind: DurableChannel'),
          broker(),
        ],
        key: KEY,
        writes: [
          { verb: 'create', kind: 'DurableChannel', key: `default/${CHANNEL_NAME}` },
          STATUS_WRITE,
        ],
        status: channelProblem('NoAddress', 'no address yet'),
      },
      {
        name: 'the channel is made with labels, annotations, owner and delivery, and waited for',
        world: [
          brokerConfig(),
          broker(
            { delivery: RETRY },
            {
              metadata: {
                annotations: {
                  'messaging.knative.dev/async-handler': 'true',
                  'afflux.dev/max-in-flight': '2',
                },
              },
            },
          ),
        ],
        key: KEY,
        writes: [
          {
            ...CHANNEL_WRITE,
            verb: 'create',
            object: {
              metadata: {
                labels: {
                  'eventing.knative.dev/broker': 'main',
                  'eventing.knative.dev/brokerEverything': 'true',
                },
                annotations: {
                  'eventing.knative.dev/scope': 'cluster',
                  'messaging.knative.dev/async-handler': 'true',
                },
                ownerReferences: [
                  { kind: 'Broker', name: 'main', uid: BROKER_UID, controller: true },
                ],
              },
              spec: { delivery: RETRY },
            },
          },
          STATUS_WRITE,
        ],
        status: {
          conditions: conditions(
            { type: 'IngressReady', status: 'True' },
            { type: 'FilterReady', status: 'True' },
            { type: 'EventPoliciesReady', status: 'True', reason: 'OIDCDisabled' },
            { type: 'TriggerChannelReady', status: 'False', reason: 'NoAddress' },
            { type: 'Addressable', status: 'Unknown' },
            { type: 'Ready', status: 'False', reason: 'NoAddress' },
          ),
        },
        tracked: [
          'v1/ConfigMap default/br-config',
          `messaging.knative.dev/v1/InMemoryChannel default/${CHANNEL_NAME}`,
        ],
      },
      {
        name: "the template's own settings go into the channel, the broker's delivery wins",
        world: [
          brokerConfig(
            'apiVersion: messaging.knative.dev/v1\nkind: InMemoryChannel\nspec: {delivery: {retry: 1}}',
          ),
          broker({ delivery: RETRY }),
        ],
        key: KEY,
        writes: [
          { ...CHANNEL_WRITE, verb: 'create', object: { spec: { delivery: RETRY } } },
          STATUS_WRITE,
        ],
      },
      {
        name: "a channel of somebody else is left alone and the broker's channel has failed",
        world: [
          brokerConfig(),
          broker(),
          brokerChannel({ delivery: RETRY }, { metadata: { ownerReferences: [] } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: channelProblem(
          'ChannelFailure',
          `InMemoryChannel "default/${CHANNEL_NAME}" exists and is not owned by this broker`,
        ),
      },
      {
        name: 'a channel that has its address makes the broker ready, with an address of its own',
        world: [brokerConfig(), broker(), brokerChannel()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          address: { name: 'http', url: BROKER_URL },
          annotations: {
            'knative.dev/channelAddress': CHANNEL_URL,
            'knative.dev/channelAPIVersion': 'messaging.knative.dev/v1',
            'knative.dev/channelKind': 'InMemoryChannel',
            'knative.dev/channelName': CHANNEL_NAME,
          },
          observedGeneration: 1,
          conditions: conditions(
            { type: 'TriggerChannelReady', status: 'True' },
            { type: 'Addressable', status: 'True' },
            {
              type: 'DeadLetterSinkResolved',
              status: 'True',
              severity: 'Info',
              reason: 'DeadLetterSinkNotConfigured',
            },
            { type: 'Ready', status: 'True' },
          ),
        },
      },
      {
        name: 'a channel that is not Ready but has an address is enough',
        world: [
          brokerConfig(),
          broker(),
          brokerChannel(
            {},
            {
              status: {
                address: { url: CHANNEL_URL },
                conditions: [{ type: 'Ready', status: 'False' }],
              },
            },
          ),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: { conditions: conditions({ type: 'Ready', status: 'True' }) },
      },
      {
        name: 'a changed delivery is patched into the channel, a field that went is taken out',
        world: [
          brokerConfig(),
          broker({ delivery: { retry: 5, backoffPolicy: 'linear' } }),
          brokerChannel({ delivery: RETRY }),
        ],
        key: KEY,
        writes: [patched({ retry: 5, backoffPolicy: 'linear', backoffDelay: null }), STATUS_WRITE],
      },
      {
        name: 'a dead letter sink that became another kind of destination replaces the old one',
        world: [
          brokerConfig(),
          broker({ delivery: { deadLetterSink: { uri: 'http://localhost:9/d' } } }),
          brokerChannel({ delivery: { deadLetterSink: serviceRef('mapped') } }),
        ],
        key: KEY,
        writes: [
          patched({ deadLetterSink: { uri: 'http://localhost:9/d', ref: null } }),
          STATUS_WRITE,
        ],
      },
      {
        name: 'a removed delivery is taken out of the channel',
        world: [brokerConfig(), broker(), brokerChannel({ delivery: RETRY })],
        key: KEY,
        writes: [patched(null), STATUS_WRITE],
      },
      {
        name: 'labels that somebody took off the channel are put back, others stay',
        world: [
          brokerConfig(),
          broker(),
          brokerChannel(
            { subscribers: [{ uid: 'x', subscriberUri: 'http://localhost:1' }] },
            {
              metadata: {
                ...brokerChannel().metadata,
                labels: { mine: 'yes' },
                annotations: { 'eventing.knative.dev/scope': 'cluster', mine: 'yes' },
              },
            },
          ),
        ],
        key: KEY,
        writes: [
          {
            ...CHANNEL_WRITE,
            verb: 'patch',
            patch: {
              body: { metadata: { labels: { 'eventing.knative.dev/brokerEverything': 'true' } } },
            },
          },
          STATUS_WRITE,
        ],
      },
      {
        name: 'the dead letter sink is resolved into the status, and watched',
        world: [
          brokerConfig(),
          broker({ delivery: { deadLetterSink: serviceRef('mapped') } }),
          brokerChannel({ delivery: { deadLetterSink: serviceRef('mapped') } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          deadLetterSinkUri: 'http://localhost:9000',
          conditions: conditions(
            { type: 'DeadLetterSinkResolved', status: 'True' },
            { type: 'Ready', status: 'True' },
          ),
        },
        tracked: [
          'v1/ConfigMap default/br-config',
          'v1/Service default/mapped',
          `messaging.knative.dev/v1/InMemoryChannel default/${CHANNEL_NAME}`,
        ],
      },
      {
        name: 'a dead letter sink without an address keeps a new broker from being addressable',
        world: [
          brokerConfig(),
          broker(
            { delivery: { deadLetterSink: serviceRef('nobody') } },
            { status: { deadLetterSinkUri: 'http://localhost:1/old' } },
          ),
          brokerChannel({ delivery: { deadLetterSink: serviceRef('nobody') } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            {
              type: 'DeadLetterSinkResolved',
              status: 'False',
              reason: "Unable to get the dead letter sink's URI",
              message: containing('Service "default/nobody" has no address here: add services'),
            },
            { type: 'Addressable', status: 'False', reason: 'nil URL' },
            { type: 'Ready', status: 'False' },
          ),
        },
      },
      {
        name: 'a dead letter sink that is lost does not take the address of a broker that works',
        world: [
          brokerConfig(),
          broker(
            { delivery: { deadLetterSink: serviceRef('nobody') } },
            {
              status: {
                address: { name: 'http', url: BROKER_URL },
                deadLetterSinkUri: 'http://localhost:1/old',
              },
            },
          ),
          brokerChannel({ delivery: { deadLetterSink: serviceRef('nobody') } }),
        ],
        key: KEY,
        writes: [{ ...STATUS_WRITE, object: { status: without('deadLetterSinkUri') } }],
        status: {
          address: { url: BROKER_URL },
          conditions: conditions({ type: 'DeadLetterSinkResolved', status: 'False' }),
        },
      },
      {
        name: 'a broker of another class is left alone',
        world: [
          broker(
            {},
            { metadata: { annotations: { 'eventing.knative.dev/broker.class': 'Other' } } },
          ),
        ],
        key: KEY,
        writes: [],
      },
      {
        name: 'a broker without a class is left alone',
        world: [{ ...broker(), metadata: { name: 'main', namespace: 'default' } }],
        key: KEY,
        writes: [],
      },
    ],
  );
});
