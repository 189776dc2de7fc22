/**
 * Names of queues. A subscription has one main queue, bound to the exchange, and beside it, by suffix:
 *
 *     <queue>          what the exchange routes, oldest first
 *     <queue>.retry    events tried before that are due again soon; read before the main queue
 *     <queue>.wait     events that wait longer; made with the first of them
 *     <queue>.direct   events for this subscription alone: redriven, replayed; takes turns with the main queue
 *     <queue>.dead     dead letters; made with the first of them
 *
 * And one for the channel, `<exchange>.dead`: which subscriptions have dead letters.
 */
import { createHash } from 'node:crypto';

const NAME_BYTES_MAX = 255;
const SUFFIX_BYTES_MAX = '.direct'.length;
const HASH_LENGTH = 16;

export interface QueueNames {
  readonly main: string;
  readonly retry: string;
  readonly wait: string;
  readonly direct: string;
  readonly dead: string;
}

export function queueNames(exchange: string, id: string, storageName?: string): QueueNames {
  const main = fit(storageName ?? `${exchange}.${id}`);
  return {
    main,
    retry: `${main}.retry`,
    wait: `${main}.wait`,
    direct: `${main}.direct`,
    dead: `${main}.dead`,
  };
}

/** Where the channel keeps which of its subscriptions have dead letters. */
export function registerName(exchange: string): string {
  return fit(`${exchange}.dead`);
}

/** Cuts what is too long and tells it apart by a hash of the whole. */
function fit(name: string): string {
  const bytesMax = NAME_BYTES_MAX - SUFFIX_BYTES_MAX;
  if (Buffer.byteLength(name) <= bytesMax) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  const start = Buffer.from(name)
    .subarray(0, bytesMax - HASH_LENGTH - 4)
    .toString();
  return `${start.replace(/\uFFFD+$/, '')}.${hash}`;
}
