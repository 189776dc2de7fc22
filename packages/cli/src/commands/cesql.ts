/** `afflux cesql`: evaluate an expression and print one JSON object, for trying filters and for programs. */
import { readFile } from 'node:fs/promises';
import { decodeHttp, makeEvent, type CloudEvent } from '@afflux/events';
import { CesqlParseError, evaluateCesql, parseCesql } from '@afflux/filters';
import { Command } from 'commander';
import { CliError, usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';

/** What is an option gone wrong rather than two minus signs before an attribute. */
const OPTION = /^--[a-z]/;

/** The event when none is given: one value of each kind that filters look at. */
function defaultEvent(): CloudEvent {
  return makeEvent({
    id: '1',
    source: '/afflux/cesql',
    type: 'dev.afflux.test',
    subject: 'example',
    time: '2026-01-01T00:00:00Z',
  });
}

export function cesqlCommand(io: CommandIo): Command {
  return (
    new Command('cesql')
      .description('Evaluate a CloudEvents SQL expression; prints one JSON object.')
      .argument('<expression>', 'the expression, as in a trigger filter')
      .option('--event <file>', 'event in JSON format; - for standard input')
      // An expression may begin with a minus.
      .allowUnknownOption()
      .addHelpText(
        'after',
        `
Examples:
  $ afflux cesql "type LIKE 'dev.%' AND EXISTS subject"
  $ afflux cesql "LENGTH(subject) > 3" --event order.json
  $ curl -s http://example/event | afflux cesql "source = '/shop'" --event -

Exit code 1 when "error" is not null; the value that the language defines for that case is printed as well.`,
      )
      .action(async (expression: string, flags: { readonly event?: string }) => {
        if (OPTION.test(expression)) {
          throw usageError(
            `unknown option ${expression} (if it is the expression: begin with a space)`,
          );
        }
        const event = flags.event === undefined ? defaultEvent() : await readEvent(io, flags.event);
        const result = evaluate(expression, event);
        io.out(`${JSON.stringify(result)}\n`);
        if (result.error !== null) throw new CliError('', { code: 'AFFLUX_CLI_FAILED' });
      })
  );
}

function evaluate(expression: string, event: CloudEvent) {
  try {
    const { value, error } = evaluateCesql(parseCesql(expression), event);
    return { value, type: typeName(value), error };
  } catch (error) {
    if (!(error instanceof CesqlParseError)) throw error;
    const { reason, line, column } = error;
    return { value: null, type: null, error: { kind: 'parse', message: reason, line, column } };
  }
}

function typeName(value: boolean | number | string): 'boolean' | 'integer' | 'string' {
  if (typeof value === 'number') return 'integer';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

async function readEvent(io: CommandIo, file: string): Promise<CloudEvent> {
  try {
    const body = file === '-' ? await io.readInput() : await readFile(file);
    const [event] = decodeHttp(['content-type', 'application/cloudevents+json'], body);
    if (event !== undefined) return event;
  } catch (error) {
    throw usageError(`--event ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw usageError(`--event ${file}: no event in it`);
}
