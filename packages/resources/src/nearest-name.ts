/**
 * Finds what somebody probably meant: the known name with the fewest single-character edits (insert, delete,
 * replace, swap of neighbours), if it is close enough to be more than a guess.
 */

/** Longer names are not compared; the cost grows with the square of the length. */
const COMPARED_LENGTH_MAX = 64;

/** Edits between two names, neighbours swapped counting once. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const isSame = left[i - 1] === right[j - 1];
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        swapped && j > 1 ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[right.length] ?? 0;
}

/** The closest candidate, letter case ignored; undefined when nothing is close. The first of equals wins. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > COMPARED_LENGTH_MAX) return undefined;
  let nearest: string | undefined;
  let nearestEdits = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > COMPARED_LENGTH_MAX) continue;
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    // A name of three letters is two edits away from almost anything.
    if (edits < nearestEdits && edits < candidate.length / 2) {
      nearest = candidate;
      nearestEdits = edits;
    }
  }
  return nearest;
}
