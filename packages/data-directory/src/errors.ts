/** What can go wrong with a data directory, and with what is written to it. */
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';
import type { Trouble } from './writer.ts';

export type DataErrorCode =
  /** Another process has the directory open. */
  | 'AFFLUX_DATA_DIRECTORY_IN_USE'
  /** What is in the directory cannot be read. */
  | 'AFFLUX_DATA_DIRECTORY_DAMAGED'
  /** The directory cannot be made, read or written. */
  | 'AFFLUX_DATA_DIRECTORY_UNUSABLE'
  /** The directory was closed. */
  | 'AFFLUX_DATA_DIRECTORY_CLOSED'
  /** The directory was written by a later version. */
  | 'AFFLUX_DATA_FORMAT_NEWER'
  /** There is no space on the disk now. */
  | 'AFFLUX_DATA_DISK_FULL'
  /** A write failed for good. */
  | 'AFFLUX_DATA_DISK_FAILED'
  /** A value, or all values of one write, are larger than may be. */
  | 'AFFLUX_DATA_TOO_LARGE'
  /** Too much waits to be written already. */
  | 'AFFLUX_DATA_BUSY';

export class DataError extends AffluxError<DataErrorCode> {}

type Details = NonNullable<AffluxErrorOptions['details']>;

export function directoryInUse(directory: string, pid: number | undefined): DataError {
  const who = pid === undefined ? 'another process' : `the process ${String(pid)}`;
  return userError(
    'AFFLUX_DATA_DIRECTORY_IN_USE',
    `the data directory ${directory} is in use by ${who}: stop it, or give this one a directory of its own`,
    { directory, ...(pid === undefined ? {} : { pid }) },
  );
}

export function formatNewer(directory: string, format: number, known: number): DataError {
  return userError(
    'AFFLUX_DATA_FORMAT_NEWER',
    `the data directory ${directory} has format ${String(format)}, and this version reads up to ${String(known)}: use the version that wrote it, or a later one`,
    { directory, format, known },
  );
}

export function directoryDamaged(directory: string, what: string, cause?: unknown): DataError {
  return new DataError(
    `the data directory ${directory} is damaged (${what}): restore it from a copy, or move it away and start with an empty one`,
    {
      code: 'AFFLUX_DATA_DIRECTORY_DAMAGED',
      ...(cause === undefined ? {} : { cause }),
      details: { directory },
    },
  );
}

export function directoryUnusable(directory: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`the data directory ${directory} cannot be used: ${reason}`, {
    code: 'AFFLUX_DATA_DIRECTORY_UNUSABLE',
    fault: 'user',
    cause,
    details: { directory },
  });
}

export function directoryClosed(directory: string): DataError {
  return new DataError(`the data directory ${directory} is closed`, {
    code: 'AFFLUX_DATA_DIRECTORY_CLOSED',
    details: { directory },
  });
}

/** What a writer is told while nothing can be written. */
export function notWritten(directory: string, trouble: Trouble): DataError {
  const { message, isFinal, isOutcomeKnown, cause } = trouble;
  const unknown = isOutcomeKnown ? '' : '; whether the last change was written shows then';
  return new DataError(`nothing can be written to ${directory}: ${message}${unknown}`, {
    code: isFinal ? 'AFFLUX_DATA_DISK_FAILED' : 'AFFLUX_DATA_DISK_FULL',
    retryable: !isFinal,
    cause,
    isRoutine: true,
    details: { directory, isOutcomeKnown },
  });
}

export function tooLarge(what: string, bytes: number, bytesMax: number): DataError {
  return userError(
    'AFFLUX_DATA_TOO_LARGE',
    `${what} has ${String(bytes)} bytes, and ${String(bytesMax)} may be`,
    { bytes, bytesMax },
  );
}

export function busy(directory: string, bytesMax: number): DataError {
  return new DataError(
    `${String(bytesMax)} bytes wait to be written to ${directory} already: try again in a moment`,
    {
      code: 'AFFLUX_DATA_BUSY',
      retryable: true,
      isRoutine: true,
      details: { directory, bytesMax },
    },
  );
}

function userError(code: DataErrorCode, message: string, details: Details): DataError {
  return new DataError(message, { code, fault: 'user', details });
}
