/** `afflux sink`: a subscriber that shows what it receives and fails as it is told. */
import { makeEvent } from '@afflux/events';
import { Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { COUNT_MAX, duration, integer, PORT_MAX } from '../options.ts';
import { startSink, type SinkOptions } from '../sink-server.ts';

interface SinkFlags extends Omit<SinkOptions, 'delayMs'> {
  readonly delay: number;
  readonly json: boolean;
}

export function sinkCommand(io: CommandIo): Command {
  return new Command('sink')
    .description('Receive events and show them; for trying filters, retries and dead letters.')
    .option('--port <port>', 'port to listen on; 0 takes a free one', integer(0, PORT_MAX), 9000)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--status <code>', 'answer with this status', integer(200, 599))
    .option(
      '--fail-first <n>',
      'fail only the first N requests (with --status, default 500)',
      integer(0, COUNT_MAX),
    )
    .option('--delay <duration>', 'wait this long before each answer', duration, 0)
    .option(
      '--reply-type <type>',
      'answer with an event of this type that carries the same data',
      eventType,
    )
    .option('--json', 'print one JSON object per event', false)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux sink                                   show what arrives on port 9000
  $ afflux sink --port 9001 --status 500          fail every delivery
  $ afflux sink --fail-first 2 --status 503       fail twice, then accept
  $ afflux sink --reply-type order.confirmed      reply with a new event`,
    )
    .action(async (flags: SinkFlags) => {
      const sink = await startSink({ ...flags, delayMs: flags.delay }, io.clock, (received) => {
        io.out(flags.json ? `${JSON.stringify(received.json)}\n` : received.text);
      }).catch((error: unknown) => {
        throw new CliError(
          `cannot listen on ${flags.host}:${String(flags.port)}: ${error instanceof Error ? error.message : String(error)}; choose another with --port`,
          { code: 'AFFLUX_CLI_FAILED', cause: error },
        );
      });
      io.err(`sink listening on ${sink.url}\n`);
      await new Promise<void>((resolve) => {
        if (io.interrupted.aborted) resolve();
        io.interrupted.addEventListener('abort', () => {
          resolve();
        });
      });
      await sink.close();
    });
}

/** Checked once, here: an answer cannot be built from a type that CloudEvents does not allow. */
function eventType(text: string): string {
  try {
    return makeEvent({ id: '1', source: '/afflux/sink', type: text }).type;
  } catch {
    throw new InvalidArgumentError('expected an event type such as order.confirmed.');
  }
}
