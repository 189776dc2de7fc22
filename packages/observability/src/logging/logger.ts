/**
 * The kernel's logger on pino. What pino is given is already plain, bounded and free of secrets; pino makes
 * the line and its destination writes it without blocking, what is unwritten at exit is flushed.
 *
 * A logger never throws and never waits: when a reader of our output stops reading, lines beyond a bound are
 * dropped and counted.
 */
import { isatty } from 'node:tty';
import type { Clock, LogFields, Logger } from '@afflux/kernel';
import pino from 'pino';
import type { LogConfig } from '../config.ts';
import { prettyLine } from './pretty.ts';
import { redactFields } from './redact.ts';
import { RepeatLimit } from './repeat-limit.ts';

type Level = 'error' | 'warn' | 'info' | 'debug';

/** Where finished lines go. */
export interface LogDestination {
  write(text: string): void;
  /** Returns when everything is written. */
  flushSync?(): void;
}

/** Characters that wait for a slow reader before lines are dropped: 8 Mi. */
const UNWRITTEN_MAX = 8 * 1024 * 1024;

/** A file descriptor written asynchronously and in order; pino flushes it when the process exits. */
export function openDestination(name: 'stdout' | 'stderr', onDropped: () => void): LogDestination {
  const fd = name === 'stdout' ? 1 : 2;
  const destination = pino.destination({ fd, sync: false, maxLength: UNWRITTEN_MAX });
  destination.on('drop', onDropped);
  // A full disk behind our output costs lines, not the process.
  destination.on('error', onDropped);
  return destination;
}

/** Whether pretty lines get colours. */
function usesColour({ colour, destination }: LogConfig): boolean {
  if (colour === 'auto') return isatty(destination === 'stdout' ? 1 : 2);
  return colour === 'always';
}

function prettyDestination(destination: LogDestination, useColour: boolean): LogDestination {
  return {
    write: (json) => {
      destination.write(prettyLine(json, useColour));
    },
  };
}

function createPino(config: LogConfig, clock: Clock, destination: LogDestination): pino.Logger {
  const stream =
    config.format === 'pretty' ? prettyDestination(destination, usesColour(config)) : destination;
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Fields are plain already; pino's own serializer would take our error objects for errors.
      serializers: { err: (err: unknown) => err },
    },
    stream,
  );
}

/** Keys that the line has of itself. */
const RESERVED = ['level', 'time', 'msg'];

/** Copies that are fit for a line; a field that is named like a part of the line gets an underscore. */
function lineFields(fields: LogFields): Record<string, unknown> {
  const copied = redactFields(fields);
  for (const key of RESERVED) {
    if (!(key in copied)) continue;
    copied[`${key}_`] = copied[key];
    copied[key] = undefined;
  }
  return copied;
}

/** A line is built from its parents' fields and its own, so that no key comes twice. */
class PinoLogger implements Logger {
  readonly #pino: pino.Logger;
  readonly #limit: RepeatLimit;
  /** Made fit for a line when the first line is written: most of a thousand children never write one. */
  #fields: LogFields | undefined;
  readonly #fieldsOf: () => LogFields;

  constructor(pinoLogger: pino.Logger, limit: RepeatLimit, fieldsOf: () => LogFields) {
    this.#pino = pinoLogger;
    this.#limit = limit;
    this.#fieldsOf = fieldsOf;
  }

  error(fields: LogFields, message: string): void {
    this.#write('error', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    if (!this.#pino.isLevelEnabled('warn')) return;
    const component = fields['component'] ?? this.#own()['component'];
    if (this.#limit.allows(component, message)) this.#write('warn', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.#write('info', fields, message);
  }

  debug(fields: LogFields, message: string): void {
    this.#write('debug', fields, message);
  }

  child(fields: LogFields): Logger {
    const given = { ...fields };
    return new PinoLogger(this.#pino, this.#limit, () => ({
      ...this.#own(),
      ...lineFields(given),
    }));
  }

  #own(): LogFields {
    this.#fields ??= this.#fieldsOf();
    return this.#fields;
  }

  #write(level: Level, fields: LogFields, message: string): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    this.#pino[level]({ ...this.#own(), ...lineFields(fields) }, message);
  }
}

export interface LogOutput {
  readonly logger: Logger;
  /** Writes what waits: counts of left-out warnings, and buffered lines. */
  flush(): void;
}

/** The root logger of a process. */
export function createLogger(
  config: LogConfig,
  { clock, destination }: { readonly clock: Clock; readonly destination: LogDestination },
): LogOutput {
  const pinoLogger = createPino(config, clock, destination);
  const limit = new RepeatLimit({
    ...config,
    clock,
    tell: (fields, message) => {
      pinoLogger.warn(fields, message);
    },
  });
  return {
    logger: new PinoLogger(pinoLogger, limit, () => ({})),
    flush: () => {
      limit.flush();
      destination.flushSync?.();
    },
  };
}
