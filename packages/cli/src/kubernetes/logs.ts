/** `afflux logs`: what a pod's container wrote, as it is; with -f as it comes, until Ctrl-C or the container's end. */
import { parseGoDuration } from '@afflux/kernel';
import type { CommandIo } from '../io.ts';
import type { TargetFlags } from './command.ts';
import { failedWith, failureText, isAborted } from './failure.ts';
import { pathOfObject } from './reading.ts';
import { withSession } from './session.ts';

export interface LogsFlags extends TargetFlags {
  readonly container?: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tail?: number;
  readonly since?: string;
}

export async function logs(
  io: CommandIo,
  { pod, flags }: { readonly pod: string; readonly flags: LogsFlags },
): Promise<void> {
  const name = podName(pod);
  const sinceSeconds = flags.since === undefined ? undefined : secondsOf(flags.since);
  await withSession(io, flags, async (session) => {
    const resource = await session.resourceOf('v1', 'Pod');
    if (resource === undefined) {
      throw failedWith(`error: the server doesn't have a resource type "pods"`);
    }
    try {
      const stream = await session.stream({
        path: `${pathOfObject(resource, session.namespace, name)}/log`,
        headers: { accept: '*/*' },
        query: {
          container: flags.container,
          follow: flags.follow || undefined,
          previous: flags.previous || undefined,
          timestamps: flags.timestamps || undefined,
          tailLines: flags.tail,
          sinceSeconds,
        },
        // A program may have nothing to say for days.
        ...(flags.follow ? { silenceMsMax: 0 } : {}),
      });
      await copy(io, stream);
    } catch (error) {
      if (flags.follow && isAborted(error)) return;
      throw isAborted(error) ? error : failedWith(failureText(error));
    }
  });
}

/** Characters that are spread over chunks stay whole; a slow reader slows the server down. */
async function copy(
  io: CommandIo,
  stream: { readonly chunks: AsyncIterable<Buffer>; cancel(): void },
): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of stream.chunks) {
      io.out(decoder.decode(chunk, { stream: true }));
      // Nobody reads any more, as in `afflux logs … | head -1`.
      if (!(await io.drained())) return;
    }
    io.out(decoder.decode());
  } finally {
    stream.cancel();
  }
}

function podName(text: string): string {
  const [type = '', name, ...more] = text.split('/');
  if (name === undefined) return type;
  if (/^(pod|pods|po)$/i.test(type) && name !== '' && more.length === 0) return name;
  throw failedWith(`error: logs are those of a pod: name one instead of ${text}`);
}

/** The API takes whole seconds. */
function secondsOf(text: string): number {
  const ms = parseGoDuration(text);
  if (ms <= 0) throw failedWith('error: --since must be greater than 0');
  return Math.ceil(ms / 1_000);
}
