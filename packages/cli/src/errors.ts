/** What the command line itself refuses; everything below it brings its own errors. */
import { AffluxError } from '@afflux/kernel';

export type CliErrorCode =
  /** Arguments that make no sense; exit code 2. */
  | 'AFFLUX_CLI_USAGE'
  /** The command did what it could and something failed; exit code 1. The message was already printed. */
  | 'AFFLUX_CLI_FAILED';

export class CliError extends AffluxError<CliErrorCode> {}

export function usageError(message: string): CliError {
  return new CliError(message, { code: 'AFFLUX_CLI_USAGE', fault: 'user' });
}
