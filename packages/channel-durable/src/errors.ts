/** What can go wrong with a data directory itself. Everything else is an error of the channel interface. */
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';

export type DurableErrorCode =
  /** Another process has the directory open. */
  | 'AFFLUX_DURABLE_DIRECTORY_IN_USE'
  /** The directory was written by a later version. */
  | 'AFFLUX_DURABLE_FORMAT_NEWER'
  /** What is in the directory cannot be read. */
  | 'AFFLUX_DURABLE_DIRECTORY_DAMAGED'
  /** The directory cannot be made, read or written. */
  | 'AFFLUX_DURABLE_DIRECTORY_UNUSABLE';

export class DurableError extends AffluxError<DurableErrorCode> {}

type Details = NonNullable<AffluxErrorOptions['details']>;

export function directoryInUse(directory: string, pid: number | undefined): DurableError {
  const who = pid === undefined ? 'another process' : `the process ${String(pid)}`;
  return userError(
    'AFFLUX_DURABLE_DIRECTORY_IN_USE',
    `the data directory ${directory} is in use by ${who}: stop it, or give this one a directory of its own`,
    { directory, ...(pid === undefined ? {} : { pid }) },
  );
}

export function formatNewer(directory: string, format: number, known: number): DurableError {
  return userError(
    'AFFLUX_DURABLE_FORMAT_NEWER',
    `the data directory ${directory} has format ${String(format)}, and this version reads up to ${String(known)}: use the version that wrote it, or a later one`,
    { directory, format, known },
  );
}

export function directoryDamaged(directory: string, what: string, cause?: unknown): DurableError {
  return new DurableError(
    `the data directory ${directory} is damaged (${what}): restore it from a copy, or move it away and start with an empty one`,
    {
      code: 'AFFLUX_DURABLE_DIRECTORY_DAMAGED',
      ...(cause === undefined ? {} : { cause }),
      details: { directory },
    },
  );
}

export function directoryUnusable(directory: string, cause: unknown): DurableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DurableError(`the data directory ${directory} cannot be used: ${reason}`, {
    code: 'AFFLUX_DURABLE_DIRECTORY_UNUSABLE',
    fault: 'user',
    cause,
    details: { directory },
  });
}

function userError(code: DurableErrorCode, message: string, details: Details): DurableError {
  return new DurableError(message, { code, fault: 'user', details });
}
