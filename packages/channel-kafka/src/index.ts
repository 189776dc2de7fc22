export { kafkaConfigSchema } from './config.ts';
export type { KafkaConfig } from './config.ts';
export { KAFKA_CAPABILITIES, kafkaDriver } from './driver.ts';
