/**
 * A look at the data file before LMDB maps it into memory, where a page that is not there ends the process instead
 * of failing a read.
 *
 * The file begins with two roots, each in a page of its own, of which the later one counts:
 *
 *     24 magic:4   28 version:4   48 page size:4   144 last page:8   152 transaction:8      (in the order of the machine)
 *
 * A file may end before the page that its root calls the last one, because pages that were given up before they
 * were written are counted. So a short file is no damage in itself: it is made as long as its root says, and pages
 * that were cut off then read as zeros, which LMDB and our checksums refuse.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { directoryDamaged } from './errors.ts';

const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const ROOT_BYTES = 168;

const PAGE_BYTES_MIN = 512;
const PAGE_BYTES_MAX = 65_536;

/**
 * Whether the file is a new one, which an empty or missing one is. Throws `AFFLUX_DATA_DIRECTORY_DAMAGED` when it
 * cannot be opened.
 */
export function prepareDataFile(directory: string, path: string): boolean {
  const file = openExisting(path);
  if (file === undefined) return true;
  try {
    const { size } = fstatSync(file);
    if (size === 0) return true;
    const wanted = lengthOf(file);
    if (wanted === undefined)
      throw directoryDamaged(directory, 'it does not begin as a data file does');
    if (size < wanted) ftruncateSync(file, wanted);
    return false;
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** How long the file is by its later root; undefined when one of the roots is none. */
function lengthOf(file: number): number | undefined {
  const first = rootAt(file, 0);
  const second = first === undefined ? undefined : rootAt(file, first.pageBytes);
  if (first === undefined || second === undefined) return undefined;
  const { lastPage, pageBytes } = second.transaction > first.transaction ? second : first;
  return (lastPage + 1) * pageBytes;
}

function rootAt(file: number, at: number) {
  const root = Buffer.alloc(ROOT_BYTES);
  if (readSync(file, root, 0, ROOT_BYTES, at) < ROOT_BYTES) return undefined;
  const isLittle = endianness() === 'LE';
  const uint32 = (offset: number) =>
    isLittle ? root.readUInt32LE(offset) : root.readUInt32BE(offset);
  const uint64 = (offset: number) =>
    Number(isLittle ? root.readBigUInt64LE(offset) : root.readBigUInt64BE(offset));
  const pageBytes = uint32(PAGE_SIZE_AT);
  if (uint32(MAGIC_AT) !== MAGIC) return undefined;
  if (pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX) return undefined;
  return { pageBytes, lastPage: uint64(LAST_PAGE_AT), transaction: uint64(TRANSACTION_AT) };
}
