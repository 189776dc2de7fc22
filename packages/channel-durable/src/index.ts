export { DURABLE_TYPE } from './config.ts';
export { DataDirectory, openDataDirectory } from './directory.ts';
export type { DirectoryOptions } from './directory.ts';
export { durableDriver } from './driver.ts';
export type { DurableDriverOptions } from './driver.ts';
export { DurableError } from './errors.ts';
export type { DurableErrorCode } from './errors.ts';
