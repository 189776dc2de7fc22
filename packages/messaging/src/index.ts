export { ChannelDispatch } from './dispatch/channel-dispatch.ts';
export type { ChannelDispatchOptions, ChannelName } from './dispatch/dependencies.ts';
export { MessagingError } from './errors.ts';
export type { MessagingErrorCode } from './errors.ts';
export { messagingControllers } from './reconcile/controllers.ts';
export type { ChannelAddresses, MessagingDependencies } from './reconcile/dependencies.ts';
