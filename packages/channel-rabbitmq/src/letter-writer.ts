/** Writes dead letters of one subscription to their queue. */
import type { DeadLetterReason } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { ConsumeMessage } from 'amqplib';
import type { BacklogHost } from './backlog-host.ts';
import { undecodable } from './copies.ts';
import { copyMessage, encodeEvent, type LetterHead } from './envelope.ts';
import type { QueueNames } from './names.ts';

export class LetterWriter {
  readonly #id: string;
  readonly #names: QueueNames;
  readonly #host: BacklogHost;
  readonly #onWritten: () => void;

  constructor(id: string, names: QueueNames, host: BacklogHost, onWritten: () => void) {
    this.#id = id;
    this.#names = names;
    this.#host = host;
    this.#onWritten = onWritten;
  }

  /** Resolves when the event is safe among the dead letters. */
  async write(event: CloudEvent, reason: DeadLetterReason): Promise<void> {
    await this.#host.openDead(this.#id, this.#names);
    const address = { exchange: '', queue: this.#names.dead };
    await this.#host.writeNow([encodeEvent(event, address, {}, this.#head(reason))]);
    this.#onWritten();
  }

  /** The same for a message that is no event, as it came. */
  async copy(message: ConsumeMessage): Promise<void> {
    await this.#host.openDead(this.#id, this.#names);
    const reason = undecodable(this.#names.main, this.#host.clock.now());
    await this.#host.writeNow([copyMessage(message, this.#names.dead, this.#head(reason))]);
    this.#onWritten();
  }

  #head(reason: DeadLetterReason): LetterHead {
    const storedMs = this.#host.clock.now();
    return { id: this.#host.newLetterId(), subscription: this.#id, storedMs, reason };
  }
}
