export { DURABLE_TYPE } from './config.ts';
export { checkData, compactData, dataStats } from './data-tools.ts';
export type {
  ChannelStats,
  DataCheck,
  DataCompaction,
  DataProblem,
  DataStats,
  SubscriptionStats,
} from './data-tools.ts';
export { DataDirectory, openDataDirectory } from './directory.ts';
export type { DirectoryOptions } from './directory.ts';
export { durableDriver } from './driver.ts';
export type { DurableDriverOptions } from './driver.ts';
export { DurableError } from './errors.ts';
export type { DurableErrorCode } from './errors.ts';
