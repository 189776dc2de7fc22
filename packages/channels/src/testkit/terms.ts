/** What every part of the kit agrees on; free of the test runner, for the process that is killed. */
import type { DeadLetterReason, ProgressCodec } from '../channel.ts';

/** Labels of the channels of the kit. */
export const NAMESPACE = 'kit';
export const KIND = 'Kit';

/** Bounds that no case reaches by accident. */
export const WIDE = { eventsMax: 1_000, bytesMax: 10_000_000 };

/** Progress in the kit is text. */
export const textCodec: ProgressCodec<string> = {
  encode: (progress) => new TextEncoder().encode(progress),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

/** Why a reader of tests gives an event up. */
export const REASON: DeadLetterReason = {
  reason: 'status',
  stage: 'subscriber',
  destination: 'http://billing.test/events',
  code: 503,
  data: 'bm90IG5vdw==',
  attempts: 4,
  atMs: Date.UTC(2026, 0, 1),
};

/** A channel's configuration, which may depend on its name. */
export function configFor(config: unknown, name: string): unknown {
  return typeof config === 'function' ? (config as (name: string) => unknown)(name) : config;
}
