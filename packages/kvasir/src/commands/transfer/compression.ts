import * as zlib from "node:zlib";
import { createGunzip, createGzip } from "node:zlib";
import { Failure } from "../../failure/failure.js";

/** Turns the chunks of a file into others, as `stream.pipeline()` takes it. */
export type Transform = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** How a file with this name is compressed while it is written. */
export function compressionOf(file: string): readonly (Transform | NodeJS.ReadWriteStream)[] {
  if (file.endsWith(".gz")) return [createGzip()];
  if (!file.endsWith(".zst")) return [];
  return [native.createZstdCompress?.() ?? compressZstd];
}

/** How a file with this name is read. */
export function decompressionOf(file: string): readonly (Transform | NodeJS.ReadWriteStream)[] {
  if (file.endsWith(".gz")) return [createGunzip()];
  if (!file.endsWith(".zst")) return [];
  return [native.createZstdDecompress?.() ?? decompressZstd];
}

/** What an error of a compressed file means. `undefined`: it is not an error of the compression. */
export function compressionFailure(file: string, error: unknown): Failure | undefined {
  const { message } = error as Error;
  // A number in errors of fzstd.
  const code = String((error as { readonly code?: unknown }).code);
  const isCutOff = code === "Z_BUF_ERROR" || /unexpected (EOF|end of file)/.test(message);
  if (isCutOff) {
    return new Failure(`${file} ends too early.`, {
      hint: "It is not complete: get it again. What was before its end has been read.",
      cause: error,
    });
  }
  const isForeign = code.startsWith("Z_") || code.startsWith("ZSTD_") || /zstd|corrupt/i.test(message);
  if (!isForeign) return undefined;
  const name = file.endsWith(".gz") ? "gzip" : "Zstandard";
  return new Failure(`${file} is not ${name}-compressed data, or it is damaged.`, {
    hint: "Its name says how it is compressed: .gz, .zst, or another ending if it is not.",
    cause: error,
  });
}

/** Node has it since 22.15. Its types do not know it yet. */
const native = zlib as {
  readonly createZstdCompress?: () => NodeJS.ReadWriteStream;
  readonly createZstdDecompress?: () => NodeJS.ReadWriteStream;
};

async function* compressZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const zstd = await Zstd.load();
  zstd.reset();
  for await (const chunk of chunks) {
    const compressed = zstd.compressChunk(chunk);
    if (compressed.byteLength > 0) yield compressed;
  }
  yield zstd.compressEnd();
}

async function* decompressZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const { Decompress } = await import("fzstd");
  let ready: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => ready.push(chunk));
  for await (const chunk of chunks) {
    // Small pieces, because each of them may become thousands of times as long.
    for (let at = 0; at < chunk.byteLength; at += COMPRESSED_PIECE_BYTES) {
      decompress.push(chunk.subarray(at, at + COMPRESSED_PIECE_BYTES));
      yield* ready;
      ready = [];
    }
  }
  decompress.push(new Uint8Array(0), true);
  yield* ready;
}

const COMPRESSED_PIECE_BYTES = 4_096;
