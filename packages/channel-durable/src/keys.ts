/**
 * Where everything of the channels is in a data directory: six tables, whose keys are bytes that sort as the numbers
 * in them do (big-endian). In `meta` other users of the directory have keys, too; `f` and `p` are its own.
 *
 *     table     key                                      value
 *     meta      'N'                                      next number of a channel or subscription
 *               'c' kind 0 namespace 0 name              a channel (JSON): its number, and since when nobody opens it
 *               'r' channel:4                            removed, what it held is still being removed
 *               'n' channel:4                            a channel's counters
 *               's' channel:4 subscription:4             a subscription (JSON)
 *               'd' subscription:4                       a subscription's counters
 *               'x' subscription:4                       dropped, its entries are still being removed
 *     events    channel:4 position:6                     an event, stored once for all subscriptions
 *     entries   subscription:4 position:6                what a subscription still has to do with an event;
 *               (under the next number: with one that was published to it alone)
 *     letters   channel:4 id 0 sequence:6                a dead letter of the subscription with this id
 *     seen      1 channel:4 hash:16                      an event of this source and id was accepted then
 *               2 channel:4 until:6 hash:16              the same by the time at which it is forgotten
 *     damaged   channel:4 position:6                     the bytes of an event whose checksum did not match
 *
 * Positions rise by one with each event of a channel and are never used again. Numbers are never used again
 * either, so that a subscription made anew has nothing in common with a dropped one of the same id, whose
 * entries may still be there. An entry is there exactly as long as its subscription has something to do: the
 * first one is the cursor, which therefore can never pass an unfinished event.
 */
const NUMBER_BYTES = 4;
const POSITION_BYTES = 6;
const HASH_BYTES = 16;

/** Beyond every position: keys end before it. */
export const POSITION_END = 2 ** 48 - 1;

export const NEXT_NUMBER_KEY = Buffer.from('N');

/** A subscription has two numbers: entries for what was published to it alone are under the second. */
export function addressedNumber(subscription: number): number {
  return subscription + 1;
}

/** A key of the tables `events`, `entries` and `damaged`. */
export function positionKey(number: number, position: number): Buffer {
  const key = Buffer.allocUnsafe(NUMBER_BYTES + POSITION_BYTES);
  key.writeUInt32BE(number, 0);
  key.writeUIntBE(position, NUMBER_BYTES, POSITION_BYTES);
  return key;
}

export function positionOf(key: Buffer): number {
  return key.readUIntBE(key.length - POSITION_BYTES, POSITION_BYTES);
}

/** All positions from `from` up to, not including, `to`. */
export function positionRange(number: number, from: number, to: number = POSITION_END) {
  return { start: positionKey(number, from), end: positionKey(number, to) };
}

export function channelKey(kind: string, namespace: string, name: string): Buffer {
  return Buffer.from(`c${[kind, namespace, name].join('\0')}`);
}

export function channelOf(key: Buffer): { kind: string; namespace: string; name: string } {
  const [kind = '', namespace = '', name = ''] = key.toString('utf8', 1).split('\0');
  return { kind, namespace, name };
}

export const CHANNELS = { start: Buffer.from('c'), end: Buffer.from('d') };
export const REMOVED = { start: Buffer.from('r'), end: Buffer.from('s') };
export const DROPPED = { start: Buffer.from('x'), end: Buffer.from('y') };

export function removedKey(channel: number): Buffer {
  return numbered('r', channel);
}

export function channelCountersKey(channel: number): Buffer {
  return numbered('n', channel);
}

export function subscriptionKey(channel: number, subscription: number): Buffer {
  return Buffer.concat([numbered('s', channel), numberBytes(subscription)]);
}

/** All subscriptions of a channel. */
export function subscriptionRange(channel: number) {
  return { start: numbered('s', channel), end: numbered('s', channel + 1) };
}

export function subscriptionCountersKey(subscription: number): Buffer {
  return numbered('d', subscription);
}

export function droppedKey(subscription: number): Buffer {
  return numbered('x', subscription);
}

/** The number at the end of a key of `meta`. */
export function numberOf(key: Buffer): number {
  return key.readUInt32BE(key.length - NUMBER_BYTES);
}

export function letterKey(channel: number, id: string, sequence: number): Buffer {
  const tail = Buffer.alloc(1 + POSITION_BYTES);
  tail.writeUIntBE(sequence, 1, POSITION_BYTES);
  return Buffer.concat([numberBytes(channel), Buffer.from(id), tail]);
}

export function letterOf(key: Buffer): { subscription: string; sequence: number } {
  const end = key.length - POSITION_BYTES - 1;
  return { subscription: key.toString('utf8', NUMBER_BYTES, end), sequence: positionOf(key) };
}

/** The dead letters of one subscription, or of all. */
export function letterRange(channel: number, id?: string) {
  if (id === undefined) return { start: numberBytes(channel), end: numberBytes(channel + 1) };
  return { start: letterKey(channel, id, 0), end: afterLetters(channel, id) };
}

/** The first key that can follow the letters of a subscription. */
export function afterLetters(channel: number, id: string): Buffer {
  return Buffer.concat([numberBytes(channel), Buffer.from(`${id}\u0001`)]);
}

export function seenKey(channel: number, hash: Buffer): Buffer {
  return Buffer.concat([Buffer.of(1), numberBytes(channel), hash]);
}

/** All that is kept to find duplicates of a channel, in two ranges. */
export function seenRanges(channel: number) {
  return [1, 2].map((kind) => ({
    start: Buffer.concat([Buffer.of(kind), numberBytes(channel)]),
    end: Buffer.concat([Buffer.of(kind), numberBytes(channel + 1)]),
  }));
}

export function seenUntilKey(channel: number, untilMs: number, hash: Buffer): Buffer {
  const key = Buffer.allocUnsafe(1 + NUMBER_BYTES + POSITION_BYTES + HASH_BYTES);
  key[0] = 2;
  key.writeUInt32BE(channel, 1);
  key.writeUIntBE(untilMs, 1 + NUMBER_BYTES, POSITION_BYTES);
  hash.copy(key, 1 + NUMBER_BYTES + POSITION_BYTES);
  return key;
}

export function hashOfSeenUntil(key: Buffer): Buffer {
  return key.subarray(1 + NUMBER_BYTES + POSITION_BYTES);
}

/** What is forgotten by `untilMs`. */
export function forgottenRange(channel: number, untilMs: number) {
  const first = Buffer.alloc(HASH_BYTES);
  return { start: seenUntilKey(channel, 0, first), end: seenUntilKey(channel, untilMs, first) };
}

function numbered(letter: string, number: number): Buffer {
  const key = Buffer.allocUnsafe(1 + NUMBER_BYTES);
  key[0] = letter.charCodeAt(0);
  key.writeUInt32BE(number, 1);
  return key;
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(NUMBER_BYTES);
  bytes.writeUInt32BE(number, 0);
  return bytes;
}
