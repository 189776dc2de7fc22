export { DURABLE_TYPE } from './config.ts';
export { checkData, dataStats } from './data-tools.ts';
export type { ChannelStats, DataCheck, DataStats, SubscriptionStats } from './data-tools.ts';
export { durableDriver } from './driver.ts';
export type { DurableDriverOptions } from './driver.ts';
