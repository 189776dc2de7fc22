export { ChannelDispatch } from './dispatch/channel-dispatch.ts';
export type { ChannelDispatchOptions, ChannelName } from './dispatch/dependencies.ts';
export { MessagingError } from './errors.ts';
export type { MessagingErrorCode } from './errors.ts';
export type {
  BackingProblem,
  BackingReference,
  BackingSources,
  Found,
} from './model/backing-sources.ts';
export { channelBacking, channelReferences, channelStorageName } from './model/channel-backings.ts';
export {
  DURABLE_CHANNEL,
  IN_MEMORY_CHANNEL,
  KAFKA_CHANNEL,
  RABBITMQ_CHANNEL,
} from './model/kinds.ts';
export { subscriberId } from './model/subscriber.ts';
export { messagingControllers } from './reconcile/controllers.ts';
export type { ChannelAddresses, MessagingDependencies } from './reconcile/dependencies.ts';
