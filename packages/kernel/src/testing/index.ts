export { FakeClock, settle } from './fake-clock.ts';
export { recordingLogger, RecordingMeter } from './recording.ts';
export type { LogLine, RecordingLogger } from './recording.ts';
