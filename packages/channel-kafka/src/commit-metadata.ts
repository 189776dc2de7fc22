/**
 * What goes with a committed offset, so that another member or the next process goes on where this one stopped:
 * attempts, progress and due times of records that were tried, and which records behind the offset are still to do
 * (all others up to `to` are done). Kafka bounds this text (4 KiB by default): the lowest records are kept, what is
 * beyond comes again after a crash, as new.
 */
const VERSION = 1;
const TRIED_TEXT_MAX = 2_500;
const OPEN_TEXT_MAX = 1_000;

export interface TriedRecord {
  readonly offset: number;
  readonly attempt: number;
  readonly progress: Uint8Array | undefined;
  /** Wall clock from which it is due; 0 = at once. */
  readonly dueMs: number;
  /** The wait that `dueMs` came from: after a jump of the clock nobody waits longer than this. */
  readonly delayMs: number;
}

export interface CommitNotes {
  readonly tried: readonly TriedRecord[];
  /** Whether the record was done when this was written. */
  readonly isDone: (offset: number) => boolean;
}

export interface CommitState {
  /** The committed offset. */
  readonly base: number;
  /** Lowest offset first. */
  readonly tried: Iterable<TriedRecord>;
  /** Offsets that are not done, lowest first. */
  readonly open: Iterable<number>;
  /** Everything before this was read. */
  readonly readTo: number;
}

type Row = [offset: number, attempt: number, dueMs: number, progress?: string, delayMs?: number];
type Run = [start: number, length: number];

export function writeCommitMetadata({ base, tried, open, readTo }: CommitState): string {
  if (readTo <= base) return '';
  const { runs, to } = openRuns(base, open, readTo);
  return `{"v":${String(VERSION)},"to":${String(to)},"o":${JSON.stringify(runs)},"r":[${rows(base, tried).join(',')}]}`;
}

function rows(base: number, tried: Iterable<TriedRecord>): string[] {
  const found: string[] = [];
  let length = 0;
  for (const { offset, attempt, progress, dueMs, delayMs } of tried) {
    const row: Row = [offset - base, attempt, Math.ceil(dueMs)];
    const isWaiting = dueMs > 0;
    if (progress !== undefined || isWaiting) {
      row.push(Buffer.from(progress ?? []).toString('base64'));
    }
    if (isWaiting) row.push(Math.ceil(delayMs));
    const text = JSON.stringify(row);
    length += text.length + 1;
    if (length > TRIED_TEXT_MAX) break;
    found.push(text);
  }
  return found;
}

/** What is open, as runs of offsets, as far as there is room; nothing is said of what comes after `to`. */
function openRuns(
  base: number,
  open: Iterable<number>,
  readTo: number,
): { runs: Run[]; to: number } {
  const runs: Run[] = [];
  let length = 0;
  for (const offset of open) {
    const last = runs.at(-1);
    const start = offset - base;
    if (last !== undefined && last[0] + last[1] === start) {
      last[1] += 1;
      continue;
    }
    length += String(start).length + 8;
    if (length > OPEN_TEXT_MAX) return { runs, to: start };
    runs.push([start, 1]);
  }
  return { runs, to: readTo - base };
}

const NO_NOTES: CommitNotes = { tried: [], isDone: () => false };

/** What another program wrote there, or another version, counts for nothing. */
export function readCommitMetadata(base: number, text: string | undefined): CommitNotes {
  if (text === undefined || text === '') return NO_NOTES;
  try {
    const parsed = JSON.parse(text) as { v?: unknown; to?: unknown; o?: unknown; r?: unknown };
    const { to, o: runs, r } = parsed;
    if (parsed.v !== VERSION || !Number.isSafeInteger(to)) return NO_NOTES;
    if (!Array.isArray(runs) || !runs.every(isRun) || !Array.isArray(r)) return NO_NOTES;
    const tried = r
      .filter(isRow)
      .map(([offset, attempt, dueMs, progress = '', delayMs = dueMs]) => ({
        offset: base + offset,
        attempt,
        dueMs,
        delayMs,
        progress: progress === '' ? undefined : Buffer.from(progress, 'base64'),
      }));
    const isDone = (offset: number): boolean => {
      const at = offset - base;
      if (at < 0 || at >= (to as number)) return false;
      return !runs.some(([start, length]) => at >= start && at < start + length);
    };
    return { tried, isDone };
  } catch {
    return NO_NOTES;
  }
}

function isRun(run: unknown): run is Run {
  return Array.isArray(run) && run.length === 2 && run.every((each) => Number.isSafeInteger(each));
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row)) return false;
  const [offset, attempt, dueMs, progress, delayMs = 0] = row as unknown[];
  const areNumbers = [offset, attempt, dueMs, delayMs].every((value) =>
    Number.isSafeInteger(value),
  );
  return areNumbers && (progress === undefined || typeof progress === 'string');
}
