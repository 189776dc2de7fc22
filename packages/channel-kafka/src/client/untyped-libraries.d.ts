/** What is used of libraries that come without types. */
declare module 'snappyjs' {
  /** Throws when its head says that it becomes larger than `bytesMax`, or when it is damaged. */
  export function uncompress(compressed: Buffer, bytesMax?: number): Buffer;
}

declare module 'lz4js' {
  /** Throws when it is no frame. */
  export function decompressBound(frame: Uint8Array): number;
  export function decompress(frame: Uint8Array, bytesMax?: number): Uint8Array;
}
