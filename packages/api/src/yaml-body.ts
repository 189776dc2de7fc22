/** Bodies in YAML: rare, because clients make JSON of what people write. */
import { parseModestYaml } from '@afflux/resources';
import { badRequest } from './errors.ts';

/** Names for a part (`&name`), and uses of them (`*name`) each. */
const ALIASES_MAX = 100;

/** Throws BadRequest, in one line: the parser shows the place in the text below its message. */
export function readYaml(text: string): unknown {
  try {
    return parseModestYaml(text, ALIASES_MAX);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    throw badRequest(`error converting YAML to JSON: ${why}`);
  }
}
