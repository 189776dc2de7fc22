/** Where an offset of the expression lies, for people. Computed only when something is wrong. */
import { characterCount } from './characters.ts';

export interface Position {
  /** Counted from 1; a line ends at LF, CR or CR LF. */
  readonly line: number;
  /** In characters (code points), counted from 1. */
  readonly column: number;
}

export function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? '';
  return { line: lines.length, column: characterCount(last) + 1 };
}
