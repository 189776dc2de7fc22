export type { RabbitmqConfig } from './config.ts';
export { rabbitmqDriver } from './driver.ts';
