/**
 * How a stranger writes a driver in one file: a channel is a directory with a file per publish and subscription.
 * A file is written beside its place, synced and renamed: it is there whole or not at all. When an event is
 * settled the file of its publish is written again; a crash before that delivers it again.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';
import * as spi from '../index.ts';
import * as parts from '../driver-parts.ts';
import type { CloudEvent } from '@afflux/events';
import { abortedError, BaseComponent } from '@afflux/kernel';
import { z } from 'zod';

const capabilities = {
  ...({ durable: true, order: 'total', delayed: true, replayable: false } as const),
  ...({ competingConsumers: false, deadLetters: false, deduplicates: false } as const),
};
const configSchema = z.strictObject({});

export function fileDriver(directory: string): spi.ChannelDriver {
  const create = (context: spi.DriverContext): spi.Channel => {
    spi.parseConfig('file', configSchema, context.config);
    return new FileChannel(context, join(directory, encodeURIComponent(context.name)));
  };
  return { type: 'file', configSchema, capabilities, create };
}

interface Publish {
  readonly file: string;
  readonly left: Set<Held>;
}
type Held = parts.Held & { readonly to: string; readonly publish: Publish };

class FileChannel extends BaseComponent implements spi.Channel, parts.BacklogKeeper<Held> {
  readonly name: string;
  readonly #context: spi.DriverContext;
  readonly #path: string;
  readonly #telemetry: parts.ChannelTelemetry;
  readonly #backlogs: parts.SimpleBacklogs<Held>;
  #position = 0;

  constructor(context: spi.DriverContext, path: string) {
    super();
    this.name = context.name;
    this.#context = context;
    this.#path = path;
    this.#telemetry = new parts.ChannelTelemetry(context);
    this.#backlogs = new parts.SimpleBacklogs(context.clock, this);
  }

  protected override onStart(): Promise<void> {
    fs.mkdirSync(this.#path, { recursive: true });
    for (const file of fs.readdirSync(this.#path).sort()) {
      if (file.startsWith('id-')) this.#backlogs.ensure(this.#read(file) as string);
      if (!file.startsWith('publish-')) continue;
      const publish: Publish = { file, left: new Set() };
      for (const line of this.#read(file) as (parts.HeldLine & { to: string })[]) {
        this.#add({ ...parts.heldOf(line), to: line.to, publish });
      }
    }
    return Promise.resolve();
  }

  #read(file: string): unknown {
    return JSON.parse(fs.readFileSync(join(this.#path, file), 'utf8'));
  }

  #write(file: string, content: unknown): void {
    const beside = join(this.#path, `new-${file}`);
    try {
      fs.writeFileSync(beside, JSON.stringify(content), { flush: true });
      fs.renameSync(beside, join(this.#path, file));
    } catch (cause) {
      throw new spi.ChannelUnavailable('the directory cannot be written', { cause });
    }
  }

  #add(held: Held): void {
    held.publish.left.add(held);
    this.#position = Math.max(this.#position, held.position);
    this.#backlogs.get(held.to)?.add(held);
  }

  publish(events: readonly CloudEvent[], options: spi.PublishOptions = {}): undefined {
    if (this.state !== 'running') throw spi.channelClosed(this.name, this.state);
    if (options.signal?.aborted === true) throw abortedError(options.signal);
    if (options.deduplicateMs !== undefined) throw spi.unsupported('file', 'deduplicates', 'do so');
    const first = this.#position + 1;
    const publish = { file: `publish-${String(first).padStart(16, '0')}`, left: new Set<Held>() };
    const fresh = { publish, acceptedMs: this.#context.clock.now(), attempt: 0, dueMs: 0 };
    const helds = events.flatMap((event, index): Held[] => {
      const held = { position: first + index, event, ...fresh, progress: undefined };
      return this.#backlogs.match(event).map((to) => ({ to, ...held }));
    });
    if (helds.length > 0) this.#write(publish.file, helds.map(toLine));
    for (const held of helds) this.#add(held);
    this.#telemetry.accepted.add(events.length);
    for (const { to } of helds) this.#backlogs.get(to)?.wake();
  }

  subscribe<P>(options: spi.SubscribeOptions<P>): spi.ChannelSubscription<P> {
    if (/draining|closed/.test(this.state)) throw spi.channelClosed(this.name, this.state);
    const { id, from = 'latest' } = options;
    if (from !== 'latest') throw spi.unsupported('file', 'replayable', 'begin before now');
    if (this.#backlogs.get(id) === undefined) this.#write(fileOf(id), id);
    return this.#backlogs.ensure(id).attach(options);
  }

  onDone(held: Held): void {
    const { file, left } = held.publish;
    left.delete(held);
    if (left.size === 0) fs.rmSync(join(this.#path, file), { force: true });
    else this.onChanged(held);
  }

  /** What cannot be written is not lost: a restart has it as it was, and delivers it again. */
  onChanged({ publish: { file, left } }: Held): void {
    try {
      this.#write(file, [...left].map(toLine));
    } catch (err) {
      this.#context.logger.warn({ channel: this.name, err }, 'settlement not written');
    }
  }

  onDropped(id: string): void {
    fs.rmSync(join(this.#path, fileOf(id)), { force: true });
    this.#backlogs.delete(id);
  }

  describe(): spi.ChannelDescription {
    return { name: this.name, type: 'file', unsettled: 0, ...this.#backlogs.describe() };
  }

  settled(): Promise<boolean> {
    return Promise.resolve(true);
  }

  protected override onDrain(signal: AbortSignal): Promise<void> {
    return this.#backlogs.quiet(signal);
  }

  protected override onClose(): Promise<void> {
    this.#backlogs.stop();
    return Promise.resolve();
  }
}

const fileOf = (id: string): string => `id-${encodeURIComponent(id)}`;
const toLine = ({ publish: _publish, ...held }: Held) => parts.heldLine(held);
