/**
 * What goes with a committed offset: attempts, progress and due times of records that were tried and are not done,
 * so that another member or the next process goes on where this one stopped. Kafka bounds this text (4 KiB by
 * default): the lowest records are kept, the others begin anew after a crash.
 */
const VERSION = 1;
const TEXT_MAX = 3_500;

export interface TriedRecord {
  readonly offset: number;
  readonly attempt: number;
  readonly progress: Uint8Array | undefined;
  /** Wall clock from which it is due; 0 = at once. */
  readonly dueMs: number;
}

type Row = [offset: number, attempt: number, dueMs: number, progress?: string];

/** `tried` lowest offset first. */
export function writeCommitMetadata(base: number, tried: Iterable<TriedRecord>): string {
  const rows: string[] = [];
  let length = 20;
  for (const { offset, attempt, progress, dueMs } of tried) {
    const row: Row = [offset - base, attempt, Math.ceil(dueMs)];
    if (progress !== undefined) row.push(Buffer.from(progress).toString('base64'));
    const text = JSON.stringify(row);
    length += text.length + 1;
    if (length > TEXT_MAX) break;
    rows.push(text);
  }
  return rows.length === 0 ? '' : `{"v":${String(VERSION)},"r":[${rows.join(',')}]}`;
}

/** What another program wrote there, or another version, counts for nothing. */
export function readCommitMetadata(base: number, text: string | undefined): TriedRecord[] {
  if (text === undefined || text === '') return [];
  try {
    const parsed = JSON.parse(text) as { v?: unknown; r?: unknown };
    if (parsed.v !== VERSION || !Array.isArray(parsed.r)) return [];
    return parsed.r.filter(isRow).map(([offset, attempt, dueMs, progress]) => ({
      offset: base + offset,
      attempt,
      dueMs,
      progress: progress === undefined ? undefined : Buffer.from(progress, 'base64'),
    }));
  } catch {
    return [];
  }
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row)) return false;
  const [offset, attempt, dueMs, progress] = row as unknown[];
  const areNumbers = [offset, attempt, dueMs].every((value) => Number.isSafeInteger(value));
  return areNumbers && (progress === undefined || typeof progress === 'string');
}
