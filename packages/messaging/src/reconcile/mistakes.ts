/**
 * Failures that stand in a condition until the user changes something, against failures that may pass by
 * themselves and are tried again.
 */
import { AddressError, StoreError } from '@afflux/control';
import { ResourcesError } from '@afflux/resources';
import { MessagingError } from '../errors.ts';

/** What an error says, fit for a condition. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether only a change by the user helps. What such an error is about is tracked, or stands in the spec. */
export function isMistake(error: unknown): boolean {
  if (error instanceof StoreError)
    return error.reason === 'Invalid' || error.reason === 'BadRequest';
  return (
    error instanceof MessagingError ||
    error instanceof AddressError ||
    error instanceof ResourcesError
  );
}

/**
 * Does a part of a run. A failure is told to `onFailure`, so that a condition shows it; then a mistake ends the
 * part with undefined, and anything else is thrown on, so that the run is tried again.
 */
export async function attempt<T>(
  part: () => Promise<T>,
  onFailure: (message: string) => void,
): Promise<T | undefined> {
  try {
    return await part();
  } catch (error) {
    onFailure(messageOf(error));
    if (isMistake(error)) return undefined;
    throw error;
  }
}
