export { admit } from './admit.ts';
export {
  AFFLUX_BACKOFF_MAX,
  AFFLUX_CIRCUIT_BREAKER,
  AFFLUX_DEDUPLICATE,
  AFFLUX_INITIAL_OFFSET,
  AFFLUX_MAX_IN_FLIGHT,
  AFFLUX_ORDER,
  AFFLUX_OVERFLOW,
  AFFLUX_QUEUE_BYTES,
  AFFLUX_QUEUE_EVENTS,
  AFFLUX_RATE,
  AFFLUX_REPLY_POLICY,
  AFFLUX_RETRY_AFTER_MAX,
  ASYNC_HANDLER,
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  BROKER_EVERYTHING_LABEL,
  BROKER_LABEL,
  DEPENDENCY,
  INJECTED,
  INJECTION,
  KAFKA_BROKER_CLASS,
  KAFKA_DELIVERY_ORDER,
  KAFKA_EXTERNAL_TOPIC,
  KAFKA_NAMESPACED_BROKER_CLASS,
  KAFKA_STATUS,
  MESSAGING_ANNOTATION_PREFIX,
  MESSAGING_ROLE,
  MT_BROKER_CLASS,
  NAMESPACE_NAME_LABEL,
  RABBITMQ_BROKER_CLASS,
  RABBITMQ_PARALLELISM,
  SCOPE,
  SUBSCRIBABLE,
  TRIGGER_LABEL,
} from './annotations.ts';
export { builtinKinds } from './builtin-kinds.ts';
export { ConditionSet, findCondition } from './conditions.ts';
export type { HasConditions, Mark } from './conditions.ts';
export {
  BROKER_CHANNEL_CONFIG_MAP,
  BROKER_DEFAULTS_CONFIG_MAP,
  decodeBrokerDefaults,
  DEFAULT_SYSTEM_NAMESPACE,
  SHIPPED_BROKER_DEFAULTS,
} from './config/broker-defaults.ts';
export type { BrokerConfig, BrokerDefaults } from './config/broker-defaults.ts';
export {
  CHANNEL_DEFAULTS_CONFIG_MAP,
  decodeBrokerChannel,
  decodeChannelDefaults,
  SHIPPED_CHANNEL_DEFAULTS,
} from './config/channel-defaults.ts';
export type { ChannelDefaults } from './config/channel-defaults.ts';
export type { ConfigMapData, Decoded } from './config/decoded.ts';
export {
  decodeFeatures,
  FEATURES_CONFIG_MAP,
  isEnabled,
  SHIPPED_FEATURES,
} from './config/features.ts';
export type { FeatureFlag, Features } from './config/features.ts';
export {
  decodeKafkaBrokerConfig,
  decodeKafkaChannelConfig,
  KAFKA_BROKER_CONFIG_MAP,
  KAFKA_CHANNEL_CONFIG_MAP,
  KAFKA_TOPIC_DEFAULTS,
} from './config/kafka-config.ts';
export type { KafkaBrokerConfig, KafkaChannelConfig } from './config/kafka-config.ts';
export {
  decodeKafkaFeatures,
  KAFKA_FEATURES_CONFIG_MAP,
  SHIPPED_KAFKA_FEATURES,
} from './config/kafka-features.ts';
export type { KafkaFeatures } from './config/kafka-features.ts';
export { decodeKafkaSecret } from './config/kafka-secret.ts';
export type { KafkaAuth, KafkaMechanism, KafkaProtocol } from './config/kafka-secret.ts';
export type { NameTemplate } from './config/name-template.ts';
export { decodeRabbitmqSecret } from './config/rabbitmq-secret.ts';
export type { RabbitmqConnection, RabbitmqSecret } from './config/rabbitmq-secret.ts';
export { secretText } from './config/secret-entries.ts';
export type { SecretData } from './config/secret-entries.ts';
export {
  decodeKReferenceMapping,
  KREFERENCE_MAPPING_CONFIG_MAP,
  mappedAddress,
  SHIPPED_KREFERENCE_MAPPING,
} from './config/kreference-mapping.ts';
export type { KReferenceMapping, MappingValues } from './config/kreference-mapping.ts';
export { matchesLabels } from './config/label-selector.ts';
export type { LabelSelector } from './config/label-selector.ts';
export { decodeSugar, SHIPPED_SUGAR, SUGAR_CONFIG_MAP } from './config/sugar.ts';
export type { SugarConfig } from './config/sugar.ts';
export { crdsOf } from './crds/crds-of.ts';
export { decode } from './decode.ts';
export type { Decision, DecodeOptions } from './decode.ts';
export { channelTemplateSchema } from './duck/channelable.ts';
export type { ChannelTemplate, SubscriberSpec, SubscriberStatus } from './duck/channelable.ts';
export { deliverySchema, parseDelivery } from './duck/delivery.ts';
export type { DeliveryNumbers, DeliverySpec } from './duck/delivery.ts';
export { destinationSchema, kReferenceSchema } from './duck/reference.ts';
export type { Destination, KReference, ObjectReference } from './duck/reference.ts';
export { addressStatusSchema } from './duck/status.ts';
export type { Addressable, AddressStatus } from './duck/status.ts';
export { ResourcesError, validationError } from './errors.ts';
export type { ResourcesErrorCode } from './errors.ts';
export type { CauseReason, FieldCause } from './field-cause.ts';
export { FieldErrors } from './field-errors.ts';
export type { FieldProblem } from './field-errors.ts';
export { renamed, renameFields } from './field-names.ts';
export type { FieldNames } from './field-names.ts';
export { FLOW_DEFAULTS, flowSettings } from './flow-settings.ts';
export type { FlowSettings, StartAt } from './flow-settings.ts';
export { isRecord } from './json-record.ts';
export type { JsonRecord } from './json-record.ts';
export { KindRegistry } from './kind.ts';
export type {
  AdmissionContext,
  CrdOutline,
  CrossNamespaceAccess,
  Conversion,
  KindDefinition,
  PrinterColumn,
  ScaleSubresource,
} from './kind.ts';
export { isAnnotationTrue } from './kinds/annotation-rules.ts';
export {
  crdWarnings,
  establishedStatus,
  terminatingStatus,
} from './kinds/apiextensions/crd-status.ts';
export type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
  CustomResourceDefinitionVersion,
} from './kinds/apiextensions/custom-resource-definition.ts';
export { kindsOfCrd, storedKindOfCrd } from './kinds/apiextensions/kinds-of-crd.ts';
export type { ConfigMap } from './kinds/core/config-map.ts';
export type { KubernetesEvent } from './kinds/core/event.ts';
export type { Lease } from './kinds/core/lease.ts';
export type { Namespace } from './kinds/core/namespace.ts';
export type { Pod } from './kinds/core/pod.ts';
export type { Secret } from './kinds/core/secret.ts';
export type { ServiceAccount } from './kinds/core/service-account.ts';
export type { Service, ServiceSpec } from './kinds/core/service.ts';
export {
  BROKER_CONDITIONS,
  KAFKA_BROKER_CONDITIONS,
  MT_BROKER_CONDITIONS,
  RABBITMQ_BROKER_CONDITIONS,
} from './kinds/eventing/broker.ts';
export type { Broker, BrokerSpec, BrokerStatus } from './kinds/eventing/broker.ts';
export { dependencyOf } from './kinds/eventing/dependency.ts';
export { EVENT_TYPE_CONDITIONS } from './kinds/eventing/event-type.ts';
export { toEventType } from './kinds/eventing/event-type-versions.ts';
export type {
  EventType,
  EventTypeSpec,
  OlderEventType,
} from './kinds/eventing/event-type-schema.ts';
export { KAFKA_SINK_CONDITIONS } from './kinds/eventing/kafka-sink.ts';
export type { KafkaSink, KafkaSinkSpec } from './kinds/eventing/kafka-sink.ts';
export type {
  RabbitmqBrokerConfig,
  RabbitmqBrokerConfigSpec,
} from './kinds/eventing/rabbitmq-broker-config.ts';
export type { RabbitmqClusterReference } from './kinds/eventing/rabbitmq-reference.ts';
export { TRIGGER_CONDITIONS } from './kinds/eventing/trigger.ts';
export type { Trigger, TriggerSpec, TriggerStatus } from './kinds/eventing/trigger.ts';
export { PARALLEL_CONDITIONS } from './kinds/flows/parallel.ts';
export type {
  Parallel,
  ParallelBranch,
  ParallelSpec,
  ParallelStatus,
} from './kinds/flows/parallel.ts';
export { SEQUENCE_CONDITIONS } from './kinds/flows/sequence.ts';
export type {
  Sequence,
  SequenceSpec,
  SequenceStatus,
  SequenceStep,
} from './kinds/flows/sequence.ts';
export { CHANNEL_CONDITIONS } from './kinds/messaging/channel.ts';
export type { Channel, ChannelSpec, ChannelStatus } from './kinds/messaging/channel.ts';
export { CONTROLLER_USER } from './kinds/messaging/channelable-rules.ts';
export { DURABLE_CHANNEL_CONDITIONS } from './kinds/messaging/durable-channel.ts';
export type { DurableChannel, DurableChannelSpec } from './kinds/messaging/durable-channel.ts';
export { IN_MEMORY_CHANNEL_CONDITIONS } from './kinds/messaging/in-memory-channel.ts';
export type {
  InMemoryChannel,
  InMemoryChannelSpec,
  InMemoryChannelStatus,
} from './kinds/messaging/in-memory-channel.ts';
export {
  KAFKA_CHANNEL_CONDITIONS,
  KAFKA_CHANNEL_DEFAULTS,
} from './kinds/messaging/kafka-channel.ts';
export type { KafkaChannel, KafkaChannelSpec } from './kinds/messaging/kafka-channel.ts';
export { RABBITMQ_CHANNEL_CONDITIONS } from './kinds/messaging/rabbitmq-channel.ts';
export type { RabbitmqChannel, RabbitmqChannelSpec } from './kinds/messaging/rabbitmq-channel.ts';
export { retentionBytes, retentionMs } from './kinds/messaging/retention.ts';
export { SUBSCRIPTION_CONDITIONS } from './kinds/messaging/subscription.ts';
export type {
  Subscription,
  SubscriptionSpec,
  SubscriptionStatus,
} from './kinds/messaging/subscription.ts';
export {
  childName,
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isServiceName,
  NAME_PART_WORDS,
} from './names.ts';
export { nearestName } from './nearest-name.ts';
export { Marks } from './marks.ts';
export { parseModestYaml } from './modest-yaml.ts';
export type {
  ApiObject,
  Condition,
  Conditions,
  ConditionStatus,
  KnativeStatus,
  ManagedFields,
  ObjectMeta,
  OwnerReference,
} from './object.ts';
export {
  isTopicName,
  kafkaBrokerTopic,
  kafkaChannelTopic,
  kafkaSubscriptionGroup,
  kafkaTriggerGroup,
  rabbitmqBrokerExchange,
  rabbitmqChannelExchange,
  rabbitmqSubscriptionQueue,
  rabbitmqTriggerQueue,
} from './storage-names.ts';
export { structuralSchema } from './openapi/structural.ts';
export type { CelRule, StructuralSchema } from './openapi/structural-schema.ts';
export type { Checked, CheckOptions, UnknownFields } from './schema/check.ts';
export { kubePath, statusCauses } from './status-causes.ts';
export type { StatusCause } from './status-causes.ts';
export { shippedConfigMaps } from './shipped-config-maps.ts';
