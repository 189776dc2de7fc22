/** A refusal of the store in the words of whoever asked: of another version than the one that is kept. */
import { StoreError } from '../errors.ts';

/** The error with one apiVersion in place of the other; what is no refusal stays as it is. */
export function refusalInVersion(error: unknown, stored: string, shown: string): unknown {
  if (!(error instanceof StoreError)) return error;
  const { code, message, details } = error;
  const text = JSON.stringify({ message, details });
  if (!text.includes(stored)) return error;
  const said = JSON.parse(text.replaceAll(stored, shown)) as Pick<
    StoreError,
    'message' | 'details'
  >;
  return new StoreError(code, said.message, { cause: error, details: said.details });
}
