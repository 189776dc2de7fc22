/** Objects as aligned text: what a person wants to know after applying manifests. */
import type { ObjectSummary } from '@afflux/server';

const HEADER = ['KIND', 'NAME', 'READY', 'REASON', 'URL'] as const;

/** One line per object, aligned; messages of objects that are not ready stand below their line. */
export function objectTable(objects: readonly ObjectSummary[]): string {
  const rows = objects.map((object) => [
    object.kind,
    `${object.namespace}/${object.name}`,
    object.ready,
    object.reason,
    object.url,
  ]);
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = [line(HEADER)];
  for (const [index, row] of rows.entries()) {
    lines.push(line(row));
    const object = objects[index];
    if (object !== undefined && object.ready !== 'True' && object.message !== '') {
      lines.push(`  ${object.message}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
