/** `afflux.yaml` as text. */
import { parseDocument } from 'yaml';
import { parseConfig, type ConfigInput } from './config.ts';
import { ServerError } from './errors.ts';

/** Checks the text of a project file. Throws `AFFLUX_SERVER_CONFIG_INVALID` with the file in its message. */
export function parseConfigText(text: string, file: string): ConfigInput {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ServerError(`${file}: ${error.message.split('\n', 1)[0] ?? ''}`, {
      code: 'AFFLUX_SERVER_CONFIG_INVALID',
      fault: 'user',
    });
  }
  const value = (document.toJS({ maxAliasCount: 10 }) ?? {}) as ConfigInput;
  parseConfig(value, file);
  return value;
}
