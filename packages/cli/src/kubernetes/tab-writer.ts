/**
 * Text with tabs as aligned columns, by the rules of the elastic tab stops that kubectl prints with: a column is a
 * run of neighbouring lines that have a cell there, a cell ends with a tab, and what follows the last tab of a line
 * belongs to no column. So a line without tabs ends the columns above it, and the last cell is never padded.
 *
 * Widths count characters, as the original does. Pure, but for the widths that a caller wants remembered.
 */

export interface TabOptions {
  /** Least width of a column, with its padding. */
  readonly widthMin: number;
  /** Spaces after the widest cell. */
  readonly padding: number;
}

/** Columns of tables, as kubectl has them. */
export const TABLE_TABS: TabOptions = { widthMin: 6, padding: 3 };

/** Columns of descriptions. */
export const DESCRIPTION_TABS: TabOptions = { widthMin: 0, padding: 2 };

/** Aligns lines that end with newlines. `remembered` are widths that columns had before; it is brought up to date. */
export function alignTabs(text: string, options: TabOptions, remembered: number[] = []): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((): number[] => []);
  const before = [...remembered];
  const layout = { lines, widths, options, before };
  setWidths(layout, { from: 0, to: lines.length, column: 0 });
  for (const line of widths) {
    line.forEach((width, column) => {
      remembered[column] = Math.max(remembered[column] ?? 0, width);
    });
  }
  return lines
    .map((cells, line) =>
      cells
        .map((cell, column) =>
          column === cells.length - 1 ? cell : pad(cell, widths[line]?.[column] ?? 0),
        )
        .join(''),
    )
    .join('\n');
}

interface Layout {
  readonly lines: readonly (readonly string[])[];
  /** Of the cells that end with a tab, for each line. */
  readonly widths: readonly number[][];
  readonly options: TabOptions;
  /** Widths that columns had in earlier texts. */
  readonly before: readonly number[];
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly column: number;
}

/** Finds the runs of lines that share a column, and inside each those that share the next. */
function setWidths(layout: Layout, { from, to, column }: Block): void {
  const hasColumn = (line: number): boolean => (layout.lines[line]?.length ?? 0) - 1 > column;
  for (let line = from; line < to; line += 1) {
    if (!hasColumn(line)) continue;
    let end = line;
    while (end < to && hasColumn(end)) end += 1;
    const width = columnWidth(layout, { from: line, to: end, column });
    for (let each = line; each < end; each += 1) layout.widths[each]?.push(width);
    setWidths(layout, { from: line, to: end, column: column + 1 });
    line = end;
  }
}

function columnWidth({ lines, options, before }: Layout, { from, to, column }: Block): number {
  let width = Math.max(options.widthMin, before[column] ?? 0);
  for (const cells of lines.slice(from, to)) {
    width = Math.max(width, length(cells[column] ?? '') + options.padding);
  }
  return width;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - length(cell)));
}

function length(text: string): number {
  return Array.from(text).length;
}

/** Text from outside as kubectl shows it: what a terminal would obey is made visible. */
export function escaped(text: string): string {
  return text.replaceAll('\u001b', '^[').replaceAll('\r', '\\r');
}
