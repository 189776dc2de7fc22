import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);

// packages/cli/src/text-table.ts
function textTable(header, rows) {
  const widths = header.map(
    (title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  return [header, ...rows].map(
    (row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).map((line) => `${line}
`).join("");
}
function printable(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\uFFFD");
}

export {
  textTable,
  printable
};
