export { ChannelKeeper } from './channel-keeper.ts';
export type { KeeperOptions } from './channel-keeper.ts';
export { ConfirmPublisher } from './confirm-publisher.ts';
export type { OutgoingMessage, PublisherLimits, PublisherOptions } from './confirm-publisher.ts';
export { AmqpConnection } from './connection.ts';
export type { ConnectionOptions } from './connection.ts';
export type { Endpoint, TlsMaterial } from './endpoint.ts';
export { connectFailure, failureError, operationFailure } from './failures.ts';
export type { Failure, FailureKind } from './failures.ts';
