/**
 * Compressions of Kafka beside gzip, which the client library cannot read: a record batch of another producer, or of
 * a topic with a `compression.type` of its own, would end the consumer. Only reading: what Afflux writes is not
 * compressed. Libraries are loaded with the first batch that needs one.
 */
import kafkajs from 'kafkajs';

// Node finds no names of their own for these in the library's module.
const { CompressionCodecs, CompressionTypes } = kafkajs;

/** A batch that becomes larger is refused: brokers bound the compressed size alone (1 MiB by default). */
export const BATCH_BYTES_MAX = 256 * 1024 * 1024;

type Codec = (compressed: Buffer) => Promise<Buffer>;

/** Tells the client library about them. Idempotent. */
export function registerCodecs(): void {
  register(CompressionTypes.Snappy, 'snappy', decompressSnappy);
  register(CompressionTypes.LZ4, 'lz4', decompressLz4);
  register(CompressionTypes.ZSTD, 'zstd', decompressZstd);
}

function register(type: keyof typeof CompressionCodecs, name: string, decompress: Codec): void {
  CompressionCodecs[type] = () => ({
    compress: () => Promise.reject(new TypeError(`nothing is written with ${name}`)),
    decompress,
  });
}

const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1');
/** Magic, version and lowest version that can read it. */
const XERIAL_HEAD_BYTES = XERIAL_MAGIC.length + 4 + 4;
const LENGTH_BYTES = 4;

/** One block, or the blocks of the framing that Java clients use (snappy-java, `SnappyOutputStream`). */
export async function decompressSnappy(compressed: Buffer): Promise<Buffer> {
  const { uncompress } = await import('snappyjs');
  if (!compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return uncompress(compressed, BATCH_BYTES_MAX);
  }
  const blocks: Buffer[] = [];
  let bytes = 0;
  for (let at = XERIAL_HEAD_BYTES; at < compressed.length;) {
    const start = at + LENGTH_BYTES;
    const end = start + compressed.readUInt32BE(at);
    if (end > compressed.length) throw new RangeError('a snappy block is cut short');
    const block = uncompress(compressed.subarray(start, end), BATCH_BYTES_MAX - bytes);
    blocks.push(block);
    bytes += block.length;
    at = end;
  }
  return Buffer.concat(blocks, bytes);
}

/** An LZ4 frame. */
export async function decompressLz4(compressed: Buffer): Promise<Buffer> {
  const { decompress, decompressBound } = await import('lz4js');
  const bytesMax = decompressBound(compressed);
  if (bytesMax > BATCH_BYTES_MAX) throw tooLarge();
  const bytes = decompress(compressed, bytesMax);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** In JavaScript: Node itself can from 22.15 on alone. */
export async function decompressZstd(compressed: Buffer): Promise<Buffer> {
  const { Decompress } = await import('fzstd');
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const stream = new Decompress((part) => {
    bytes += part.length;
    if (bytes > BATCH_BYTES_MAX) throw tooLarge();
    parts.push(part);
  });
  stream.push(compressed, true);
  return Buffer.concat(parts, bytes);
}

function tooLarge(): RangeError {
  return new RangeError(`a batch becomes larger than ${String(BATCH_BYTES_MAX)} bytes`);
}
