export { startTestAfflux } from './test-afflux.ts';
export type { TestAfflux, TestAffluxOptions, TestEvent } from './test-afflux.ts';
export { eventually, TestSink } from './test-sink.ts';
export type { EventMatch, ReceivedEvent, ReceivedOptions, SinkAnswer } from './test-sink.ts';
