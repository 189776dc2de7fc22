/**
 * Turns a send request into what undici dispatches. One writer per sender, with one options object and one
 * header list that are filled again for every request: undici's client copies both before `dispatch` returns.
 *
 * What is sent is exactly the event (attributes and content type) plus `prefer`, `kn-namespace`, the
 * pass-through set and the trace context. No `accept-encoding` and no `user-agent`.
 */
import type { EncodeOptions } from '@afflux/events';
import { encodeBinary, encodeStructured } from '@afflux/events';
import { selectPassthrough, traceHeaders } from './forwarded-headers.ts';
import type { SendRequest } from './outcome.ts';
import type { DispatchOptions } from './undici.ts';

export class RequestWriter {
  readonly #headers: string[] = [];
  #length = 0;
  readonly #options: DispatchOptions = {
    path: '/',
    method: 'POST',
    headers: this.#headers,
    body: null,
  };
  #encodeOptions: EncodeOptions | undefined;

  /** The result is valid until the next call. Throws when the event cannot be encoded. */
  write(request: SendRequest, path: string): DispatchOptions {
    const { namespace, passthrough, trace } = request;
    const options = this.#encodeOptionsFor(request.omitAttribute);
    const message =
      request.format === 'json'
        ? encodeStructured(request.event, options)
        : encodeBinary(request.event, options);
    this.#length = 0;
    this.#append(message.headers);
    if (request.wantsReply) this.#add('prefer', 'reply');
    if (namespace !== undefined) this.#add('kn-namespace', namespace);
    if (passthrough !== undefined) this.#append(selectPassthrough(passthrough) ?? []);
    if (trace !== undefined) this.#append(traceHeaders(trace));
    // Truncating an array gives its memory back; events of one kind have the same number of headers.
    if (this.#headers.length !== this.#length) this.#headers.length = this.#length;
    this.#options.path = path;
    this.#options.body = message.body ?? null;
    return this.#options;
  }

  /** Lets go of the last event. */
  clear(): void {
    this.#options.body = null;
  }

  #append(list: readonly string[]): void {
    for (const text of list) this.#headers[this.#length++] = text;
  }

  #add(name: string, value: string): void {
    this.#headers[this.#length++] = name;
    this.#headers[this.#length++] = value;
  }

  #encodeOptionsFor(omit: string | undefined): EncodeOptions | undefined {
    if (omit === undefined) return undefined;
    if (this.#encodeOptions?.omit !== omit) this.#encodeOptions = { omit };
    return this.#encodeOptions;
  }
}
