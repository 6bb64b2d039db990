import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { CopyOptions } from "../store/backup.js";
import { PRIVATE_FILE_MODE } from "../store/files.js";
import { FLUSH_BYTES, READ_BYTES } from "./limits.js";

export interface CopyInput extends CopyOptions {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly byteLength: number;
  /** The file to write. It must not exist. */
  readonly to: string;
  /** Is given what is written, while it is written. */
  readonly hash?: Hash | undefined;
}

/**
 * Writes `chunks` to a new file that only its owner can read, and returns how many bytes they were. The file is on disk
 * when the promise resolves. A chunk is written while the next one is read. Flushes come in small portions: one large
 * one at the end would keep the flushes of the store's writers waiting.
 */
export async function copyToFile({
  chunks,
  byteLength,
  to,
  hash,
  onProgress,
  signal,
}: CopyInput): Promise<number> {
  const file = await open(to, "wx", PRIVATE_FILE_MODE);
  let bytes = 0;
  let unflushed = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let flushing: Promise<unknown> = Promise.resolve();
  try {
    // A umask may have removed permissions from the mode above.
    await file.chmod(PRIVATE_FILE_MODE);
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await writing;
      writing = writeWhole(file, chunk);
      // It is awaited in the next round. An error must not count as unhandled until then.
      writing.catch(() => {});
      hash?.update(chunk);
      bytes += chunk.length;
      unflushed += chunk.length;
      if (unflushed >= FLUSH_BYTES) {
        // One portion is flushed while the next one is written.
        await Promise.all([writing, flushing]);
        flushing = file.datasync();
        flushing.catch(() => {});
        unflushed = 0;
      }
      onProgress?.({ bytes, bytesTotal: byteLength });
    }
    await Promise.all([writing, flushing]);
    await file.sync();
  } finally {
    await Promise.allSettled([writing, flushing]);
    await file.close();
  }
  return bytes;
}

/** The contents of a file. */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r");
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(READ_BYTES);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

export interface HashedFile {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

export async function hashOfFile(path: string): Promise<HashedFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of fileChunks(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done);
    done += bytesWritten;
  }
}
