/**
 * The subscribers and their dead letter sinks as one HTTP server, `/<subscriber>` and `/dead/<subscriber>`, that
 * outlives every process of the product. Records each request when it has arrived and each answer before it is
 * written: what is not in the history was not answered.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dataOf, replyIdOf } from './event-data.ts';
import { nowMs, type Recorder } from './recorder.ts';
import { REPLY_TYPE, type Answering, type Behaviour } from './subscribers.ts';
import { passed } from './wait.ts';

interface Held {
  readonly behaviour: Behaviour;
  readonly id: string;
  readonly response: ServerResponse;
}

export class Sinks {
  readonly #recorder: Recorder;
  readonly #behaviours: ReadonlyMap<string, Behaviour>;
  readonly #attempts = new Map<string, number>();
  readonly #server: Server;
  readonly #held = new Set<Held>();
  #isHolding = true;

  constructor(recorder: Recorder, behaviours: readonly Behaviour[]) {
    this.#recorder = recorder;
    this.#behaviours = new Map(behaviours.map((behaviour) => [behaviour.name, behaviour]));
    this.#server = createServer((request, response) => {
      void this.#take(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  url(path: string): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/${path}`;
  }

  /** Those who are stuck take what they have, and from now on all they get. */
  release(): void {
    this.#isHolding = false;
    for (const held of this.#held) this.#answer(held, { status: 200 });
    this.#held.clear();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = (request.url ?? '').slice(1);
    const id = decodeURIComponent(String(request.headers['ce-id']));
    if (path.startsWith('dead/')) this.#deadLetter(path.slice('dead/'.length), id, request);
    const behaviour = this.#behaviours.get(path);
    if (behaviour === undefined) response.writeHead(200).end();
    else await this.#arrive({ behaviour, id, response }, request.headers['ce-type'], body);
  }

  #deadLetter(subscriber: string, id: string, { headers }: IncomingMessage): void {
    const text = (name: string): string => String(headers[name] ?? '');
    const reason = {
      destination: text('ce-knativeerrordest'),
      code: text('ce-knativeerrorcode'),
    };
    const at = nowMs();
    this.#recorder.add({ kind: 'deadLetter', at, subscriber, id, where: 'sink', ...reason });
  }

  async #arrive(held: Held, type: unknown, body: string): Promise<void> {
    const { behaviour, id } = held;
    const known = this.#recorder.ledger.events.get(id);
    const intact = body === dataOf(id) && (known === undefined || type === known.type);
    const { name } = behaviour;
    this.#recorder.add({ kind: 'arrival', at: nowMs(), subscriber: name, id, intact });
    const attempt = (this.#attempts.get(`${name}/${id}`) ?? 0) + 1;
    this.#attempts.set(`${name}/${id}`, attempt);
    const answering = behaviour.answer(id, attempt);
    if (answering === undefined && this.#isHolding) {
      this.#held.add(held);
      held.response.once('close', () => this.#held.delete(held));
      return;
    }
    if (answering?.afterMs !== undefined) await passed(answering.afterMs);
    this.#answer(held, answering ?? { status: 200 });
  }

  #answer({ behaviour, id, response }: Held, { status, reply = false }: Answering): void {
    // Whoever is gone cannot have been told: the event must come again.
    if (response.destroyed) return;
    const { name } = behaviour;
    if (reply) this.#reply(name, id, response);
    this.#recorder.add({ kind: 'outcome', at: nowMs(), subscriber: name, id, status });
    if (!reply) response.writeHead(status).end();
  }

  #reply(subscriber: string, cause: string, response: ServerResponse): void {
    const event = { id: replyIdOf(cause), type: REPLY_TYPE };
    this.#recorder.add({ kind: 'reply', at: nowMs(), subscriber, cause, event });
    response.writeHead(200, {
      'ce-specversion': '1.0',
      'ce-id': event.id,
      'ce-type': event.type,
      'ce-source': `/faults/${subscriber}`,
      'content-type': 'application/json',
    });
    response.end(dataOf(event.id));
  }
}
