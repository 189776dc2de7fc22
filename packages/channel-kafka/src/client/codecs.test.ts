import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import {
  BATCH_BYTES_MAX,
  decompressLz4,
  decompressSnappy,
  decompressZstd,
  registerCodecs,
} from './codecs.ts';

/** 300 times `abc `, by the command-line tools of LZ4 and Zstandard; snappy by hand from its format. */
const TEXT = Buffer.from('abc '.repeat(300));
const ZSTD = Buffer.from('KLUv/QRYXQAAIGFiYyABAKn8OyLrec1m', 'base64');
const LZ4 = Buffer.from('BCJNGGRApxIAAABPYWJjIAQA/////5hQIGFiYyAAAAAA0Q/yUg==', 'base64');

/** A block of snappy: a literal of four bytes, then copies of what is four bytes back. */
function snappyBlock(): Buffer {
  const parts = [Buffer.from([0xb0, 0x09, 0x0c]), Buffer.from('abc ')];
  for (let left = TEXT.length - 4; left > 0;) {
    const length = Math.min(64, left);
    parts.push(Buffer.from([((length - 1) << 2) | 2, 4, 0]));
    left -= length;
  }
  return Buffer.concat(parts);
}

function framed(...blocks: readonly Buffer[]): Buffer {
  const head = Buffer.from('82534e41505059000000000100000001', 'hex');
  const parts = blocks.flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    return [length, block];
  });
  return Buffer.concat([head, ...parts]);
}

describe('snappy', () => {
  test('reads one block, and several in the framing of Java', async () => {
    expect(await decompressSnappy(snappyBlock())).toEqual(TEXT);
    const twice = await decompressSnappy(framed(snappyBlock(), snappyBlock()));
    expect(twice).toEqual(Buffer.concat([TEXT, TEXT]));
  });

  test('refuses what is cut short, or says that it becomes too large', async () => {
    const cut = framed(snappyBlock()).subarray(0, -1);
    await expect(decompressSnappy(cut)).rejects.toThrow('cut short');
    // 4 GiB − 1, says its head.
    const bomb = Buffer.concat([Buffer.from('ffffffff0f', 'hex'), snappyBlock().subarray(2)]);
    await expect(decompressSnappy(bomb)).rejects.toThrow();
  });
});

describe('LZ4', () => {
  test('reads a frame', async () => {
    expect(await decompressLz4(LZ4)).toEqual(TEXT);
  });

  test('refuses what is no frame', async () => {
    await expect(decompressLz4(TEXT)).rejects.toThrow();
  });
});

describe('Zstandard', () => {
  test('reads a frame', async () => {
    expect(await decompressZstd(ZSTD)).toEqual(TEXT);
  });

  test('refuses what is no frame', async () => {
    await expect(decompressZstd(TEXT)).rejects.toThrow();
  });
});

test('the client library knows them', () => {
  registerCodecs();
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const { Snappy, LZ4: lz4, ZSTD: zstd } = CompressionTypes;
  for (const type of [Snappy, lz4, zstd] as const) {
    expect(CompressionCodecs[type]).toBeTypeOf('function');
  }
  expect(BATCH_BYTES_MAX).toBeGreaterThan(100 * 1024 * 1024);
});
