/** Entries of a Secret as texts. Problems name the key and never show a value (T30). */

/** The part of a Secret that decoders read. */
export interface SecretData {
  /** Base64 by key. */
  readonly data?: Readonly<Record<string, string>>;
}

/** The decoded text of a key, verbatim; undefined when it is absent or empty. */
export function secretText({ data = {} }: SecretData, key: string): string | undefined {
  if (!Object.hasOwn(data, key)) return undefined;
  const text = Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  return text === '' ? undefined : text;
}

/** The same without blanks around it: names and addresses often come with a line end. */
export function secretWord(secret: SecretData, key: string): string | undefined {
  const text = secretText(secret, key)?.trim();
  return text === '' ? undefined : text;
}
