/** `afflux send`: a producer. Sends events one by one, at a rate, or from a file in batches. */
import { readFile } from 'node:fs/promises';
import {
  encodeBatch,
  encodeBinary,
  encodeStructured,
  decodeHttp,
  EventsError,
  makeEvent,
  type CloudEvent,
  type EventInput,
} from '@afflux/events';
import { newUuid } from '@afflux/kernel';
import { Command } from 'commander';
import type { Agent } from 'undici';
import { CliError, usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { collect, COUNT_MAX, duration, integer, oneOf, positive } from '../options.ts';

/** Events in one batched request; far below what the ingress takes. */
const BATCH_EVENTS = 100;
/** Requests under way at once when many events are sent without a rate. */
const CONCURRENCY = 32;
/** Answer text shown for a refusal. */
const SHOWN_CHARS_MAX = 500;

interface SendFlags {
  readonly type: string;
  readonly source: string;
  readonly id?: string;
  readonly subject?: string;
  readonly ext: readonly string[];
  readonly data?: string;
  readonly contentType?: string;
  readonly mode: 'binary' | 'structured';
  readonly count: number;
  readonly rate?: number;
  readonly batch?: string;
  readonly timeout: number;
  readonly quiet: boolean;
}

/** One HTTP request to be made. */
interface Message {
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
  readonly label: string;
}

export function sendCommand(io: CommandIo): Command {
  return new Command('send')
    .description('Send events to a broker, a channel or any other address.')
    .argument('<url>', 'where to, such as http://localhost:8080/default/main')
    .option('--type <type>', 'event type', 'dev.afflux.test')
    .option('--source <source>', 'event source', '/afflux/send')
    .option('--id <id>', 'event id; with --count the number is appended (default: a new UUID each)')
    .option('--subject <subject>', 'event subject')
    .option('--ext <name=value>', 'extension attribute; repeatable', collect, [])
    .option('--data <data>', 'data: text, @file, or - for standard input')
    .option(
      '--content-type <type>',
      'datacontenttype (default: application/json if the data is JSON)',
    )
    .option(
      '--mode <mode>',
      'content mode: binary or structured',
      oneOf('binary', 'structured'),
      'binary',
    )
    .option('--count <n>', 'how many events', integer(1, COUNT_MAX), 1)
    .option(
      '--rate <perSecond>',
      'events per second (default: as fast as they are taken)',
      positive,
    )
    .option(
      '--batch <file>',
      'NDJSON file, one event in JSON format a line, sent in batches; - for standard input',
    )
    .option('--timeout <duration>', 'wait for an answer', duration, 30_000)
    .option('--quiet', 'print only the summary', false)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux send http://localhost:8080/default/main --type order.created --data '{"total": 9}'
  $ afflux send http://localhost:8080/default/main --ext region=eu --mode structured
  $ afflux send http://localhost:8080/default/main --count 1000 --rate 200 --quiet
  $ afflux send http://localhost:8080/default/main --batch events.ndjson`,
    )
    .action(async (url: string, flags: SendFlags) => {
      await send(io, parseUrl(url), flags);
    });
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw usageError(`${JSON.stringify(text)} is not an http or https address`);
  }
  return url;
}

async function send(io: CommandIo, url: URL, flags: SendFlags): Promise<void> {
  const messages =
    flags.batch === undefined ? await singles(io, flags) : await batches(io, flags.batch);
  // Loaded by who sends: it would make up a tenth of the start of every other command.
  const undici = await import('undici');
  const agent = new undici.Agent({
    connections: CONCURRENCY,
    headersTimeout: flags.timeout,
    bodyTimeout: flags.timeout,
  });
  const tally = new Map<string, number>();
  const startedMs = io.clock.monotonicMs();
  const one = async (message: Message): Promise<void> => {
    const { key, line } = await post(agent, url, message);
    tally.set(key, (tally.get(key) ?? 0) + 1);
    if (!flags.quiet) io.out(`${line}\n`);
  };
  try {
    await pace(io, messages, flags.rate, one);
  } finally {
    await agent.close();
  }
  report(io, tally, io.clock.monotonicMs() - startedMs, flags);
}

/** Starts requests at the asked rate, or keeps a fixed number under way; ends early when interrupted. */
async function pace(
  io: CommandIo,
  messages: Iterable<Message>,
  rate: number | undefined,
  one: (message: Message) => Promise<void>,
): Promise<void> {
  const startedMs = io.clock.monotonicMs();
  const underWay = new Set<Promise<void>>();
  let started = 0;
  for (const message of messages) {
    if (isInterrupted(io)) break;
    if (rate !== undefined) {
      const dueInMs = startedMs + (started * 1000) / rate - io.clock.monotonicMs();
      if (dueInMs > 0) await io.clock.sleep(dueInMs, io.interrupted).catch(() => undefined);
      if (isInterrupted(io)) break;
    }
    while (underWay.size >= CONCURRENCY) await Promise.race(underWay);
    const sending = one(message).finally(() => underWay.delete(sending));
    underWay.add(sending);
    started += 1;
  }
  await Promise.all(underWay);
}

/** A call, because what a signal does during an `await` is invisible to the type checker. */
function isInterrupted(io: CommandIo): boolean {
  return io.interrupted.aborted;
}

async function post(
  agent: Agent,
  url: URL,
  message: Message,
): Promise<{ readonly key: string; readonly line: string }> {
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: [...message.headers],
      ...(message.body === undefined ? {} : { body: message.body }),
    });
    const text = (await answer.body.text()).slice(0, SHOWN_CHARS_MAX);
    const key = String(answer.statusCode);
    return { key, line: `${key} ${message.label}${text === '' ? '' : `  ${text}`}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { key: 'failed', line: `failed ${message.label}  ${reason}` };
  }
}

function report(
  io: CommandIo,
  tally: ReadonlyMap<string, number>,
  elapsedMs: number,
  flags: SendFlags,
): void {
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0);
  if (total > 1 || flags.quiet) {
    const parts = [...tally].sort().map(([key, count]) => `${key}: ${String(count)}`);
    io.out(`sent ${String(total)} in ${(elapsedMs / 1000).toFixed(2)} s (${parts.join(', ')})\n`);
  }
  const failed = [...tally].some(([key]) => !key.startsWith('2'));
  if (failed) throw new CliError('', { code: 'AFFLUX_CLI_FAILED' });
}

async function singles(io: CommandIo, flags: SendFlags): Promise<Iterable<Message>> {
  const data = await readData(io, flags.data);
  const extensions = parseExtensions(flags.ext);
  const datacontenttype = flags.contentType ?? guessContentType(data);
  return (function* () {
    for (let index = 0; index < flags.count; index += 1) {
      const id =
        flags.id === undefined
          ? newUuid()
          : flags.count === 1
            ? flags.id
            : `${flags.id}-${String(index + 1)}`;
      const event = eventOf({
        id,
        source: flags.source,
        type: flags.type,
        extensions,
        ...(flags.subject === undefined ? {} : { subject: flags.subject }),
        ...(datacontenttype === undefined ? {} : { datacontenttype }),
        ...(data === undefined ? {} : { data }),
      });
      yield toMessage(event, flags.mode);
    }
  })();
}

/** What the flags describe; an attribute that CloudEvents does not allow is a mistake in the command. */
function eventOf(input: EventInput): CloudEvent {
  try {
    return makeEvent(input);
  } catch (error) {
    if (error instanceof EventsError) throw usageError(error.message);
    throw error;
  }
}

function toMessage(event: CloudEvent, mode: 'binary' | 'structured'): Message {
  const { headers, body } = mode === 'binary' ? encodeBinary(event) : encodeStructured(event);
  return { headers, body, label: `${event.type} id=${event.id}` };
}

async function batches(io: CommandIo, file: string): Promise<Message[]> {
  const text = (file === '-' ? await io.readInput() : await readUserFile(file)).toString('utf8');
  const events: CloudEvent[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      events.push(
        ...decodeHttp(['content-type', 'application/cloudevents+json'], Buffer.from(line)),
      );
    } catch (error) {
      throw usageError(
        `${file}:${String(index + 1)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  if (events.length === 0) throw usageError(`--batch ${file}: no event in it`);
  const messages: Message[] = [];
  for (let start = 0; start < events.length; start += BATCH_EVENTS) {
    const part = events.slice(start, start + BATCH_EVENTS);
    messages.push({ ...encodeBatch(part), label: `batch of ${String(part.length)}` });
  }
  return messages;
}

async function readData(io: CommandIo, flag: string | undefined): Promise<Buffer | undefined> {
  if (flag === undefined) return undefined;
  if (flag === '-') return io.readInput();
  return flag.startsWith('@') ? readUserFile(flag.slice(1)) : Buffer.from(flag);
}

async function readUserFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function parseExtensions(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw usageError(`--ext ${JSON.stringify(pair)}: expected name=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function guessContentType(data: Buffer | undefined): string | undefined {
  if (data === undefined) return undefined;
  try {
    JSON.parse(data.toString('utf8'));
    return 'application/json';
  } catch {
    return 'text/plain';
  }
}
