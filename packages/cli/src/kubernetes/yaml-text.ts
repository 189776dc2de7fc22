/**
 * YAML as kubectl writes it: keys in order, lists not indented, and quotes only where they are needed: double ones
 * where the text would be read as something else or has characters to escape, single ones elsewhere. The texts that
 * YAML 1.1 reads as a number, a time or a switch are quoted, because many programs still read that. Pure.
 */
import { inKeyOrder } from '@afflux/resources/text';
import { Document, stringify, visit } from 'yaml';

/** Lines are folded after so many characters. */
const LINE_WIDTH = 80;

const SWITCH = /^(y|n|yes|no|on|off|true|false|null|~)?$/i;
const NUMBER =
  /^[-+]?(\.?\d[\d_]*(\.[\d_]*)?(e[-+]?\d+)?|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|\d[\d_]*(:[0-5]?\d)+(\.\d*)?|\.inf)$|^\.nan$/i;
const TIME = /^\d{4}-\d{1,2}-\d{1,2}([Tt\s].*)?$/;
const ESCAPED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

export function yamlText(value: unknown): string {
  const document = new Document(inKeyOrder(value), {
    version: '1.1',
    aliasDuplicateObjects: false,
  });
  // The version decides what is quoted; said at the top, it would be noise.
  document.directives = undefined;
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string') return;
      if (needsDoubleQuotes(node.value)) node.type = 'QUOTE_DOUBLE';
      else if (needsSingleQuotes(node.value)) node.type = 'QUOTE_SINGLE';
    },
  });
  return document.toString({ indentSeq: false, lineWidth: LINE_WIDTH, singleQuote: true });
}

function needsDoubleQuotes(text: string): boolean {
  return SWITCH.test(text) || NUMBER.test(text) || TIME.test(text) || ESCAPED.test(text);
}

/** The library would avoid single quotes around single quotes. */
function needsSingleQuotes(text: string): boolean {
  return /^[^\n]*'[^\n]*$/.test(text) && /^["']/.test(stringify(text, { version: '1.1' }));
}
