/**
 * A transcript: what somebody types at a terminal and what is shown, as text that is both the table of rows and
 * their expected output. One file per subject, one row per heading, commands run in order by a shell:
 *
 *     === a second create of the same name is refused
 *     => one.yaml
 *     apiVersion: v1
 *     …
 *     $ kubectl create -f one.yaml
 *     configmap/one created
 *     # differs: the local server has no quota
 *     $ kubectl create -f one.yaml
 *     Error from server (AlreadyExists): …
 *     [exit 1]
 *
 * Output is written down normalised (see `normalise.ts`). A row or a command that the two servers answer
 * differently says why; everything else must be the same on both. Lines before the first heading are a comment.
 */

/** One command with what it shows. */
export interface Step {
  /** Files that are written before the command runs, by name. */
  readonly files: readonly (readonly [name: string, text: string])[];
  readonly command: string;
  /** Why the two servers answer differently; the output is Afflux's then. */
  readonly differs: string | undefined;
  /** Written anew when a transcript is recorded. */
  output: string;
}

export interface Row {
  readonly name: string;
  /** Why the row is about Afflux alone. */
  readonly onlyAfflux: string | undefined;
  readonly steps: readonly Step[];
}

export interface Transcript {
  readonly comment: string;
  readonly rows: readonly Row[];
}

const ROW = '=== ';
const FILE = '=> ';
const COMMAND = '$ ';
const CONTINUED = '> ';
const DIFFERS = '# differs: ';
const ONLY_AFFLUX = '# only Afflux: ';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Throws when a line belongs nowhere. */
export function parseTranscript(text: string): Transcript {
  const comment: string[] = [];
  const rows: (Mutable<Row> & { steps: Mutable<Step>[] })[] = [];
  let files: [string, string][] = [];
  let file: [string, string] | undefined;
  let differs: string | undefined;
  let step: Mutable<Step> | undefined;
  for (const line of text.split('\n')) {
    const row = rows.at(-1);
    if (line.startsWith(ROW)) {
      rows.push({ name: line.slice(ROW.length), onlyAfflux: undefined, steps: [] });
      [files, file, step] = [[], undefined, undefined];
    } else if (row === undefined) comment.push(line);
    else if (line.startsWith(ONLY_AFFLUX)) row.onlyAfflux = line.slice(ONLY_AFFLUX.length);
    else if (line.startsWith(DIFFERS)) {
      differs = line.slice(DIFFERS.length);
      file = undefined;
    } else if (line.startsWith(FILE)) {
      file = [line.slice(FILE.length), ''];
      files.push(file);
    } else if (line.startsWith(COMMAND)) {
      step = { files, command: line.slice(COMMAND.length), differs, output: '' };
      row.steps.push(step);
      [files, file, differs] = [[], undefined, undefined];
    } else if (file !== undefined) file[1] += `${line}\n`;
    else if (step !== undefined && step.output === '' && line.startsWith(CONTINUED)) {
      step.command += `\n${line.slice(CONTINUED.length)}`;
    } else if (step !== undefined) step.output += `${line}\n`;
    else if (line !== '') throw new Error(`${row.name}: the line ${line} belongs nowhere`);
  }
  for (const row of rows) {
    if (row.steps.length === 0) throw new Error(`${row.name}: no command`);
    for (const one of row.steps) one.output = one.output.trimEnd();
  }
  return { comment: comment.join('\n').trimEnd(), rows };
}

/** The text that is read back as the same transcript. */
export function printTranscript({ comment, rows }: Transcript): string {
  const blocks = rows.map(({ name, onlyAfflux, steps }) =>
    [
      ROW + name,
      ...(onlyAfflux === undefined ? [] : [ONLY_AFFLUX + onlyAfflux]),
      ...steps.flatMap(printStep),
    ].join('\n'),
  );
  return `${[comment, ...blocks].join('\n\n')}\n`;
}

function printStep({ files, command, differs, output }: Step): string[] {
  return [
    ...files.map(([name, text]) => `${FILE}${name}\n${text.trimEnd()}`),
    ...(differs === undefined ? [] : [DIFFERS + differs]),
    COMMAND + command.replaceAll('\n', `\n${CONTINUED}`),
    ...(output === '' ? [] : [output]),
  ];
}
