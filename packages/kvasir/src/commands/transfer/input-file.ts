import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { PassThrough, pipeline } from "node:stream";
import { KvError } from "@kvasir/client/namespace";
import { Failure } from "../../failure/failure.js";
import { compressionFailure, decompressionOf } from "./compression.js";

export interface InputFile {
  /** For messages. */
  readonly shown: string;
  /** Bytes of the file, `undefined` for a pipe. */
  readonly bytes: number | undefined;
  /** Whether it can be read a second time. */
  readonly isRepeatable: boolean;
  /** What is in it, decompressed. @param onBytes told how many bytes of the file have been read */
  chunks(onBytes?: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** The file at a path, or standard input for `-`. @throws an error of the system if it cannot be opened */
export async function openInput(file: string): Promise<InputFile> {
  if (file === "-") {
    const chunks = () => process.stdin as AsyncIterable<Uint8Array>;
    return { shown: "standard input", bytes: undefined, isRepeatable: false, chunks };
  }
  const handle = await open(file);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw new Failure(`${file} is a folder.`, {
        hint: "Give a file that `kvasir export` wrote. `kvasir export --data` reads a data directory.",
      });
    }
    const bytes = stat.isFile() ? stat.size : undefined;
    return { shown: file, bytes, isRepeatable: stat.isFile(), chunks: (onBytes) => read(file, onBytes) };
  } finally {
    await handle.close();
  }
}

/** Says which file an error is about. */
export function inputFailure({ shown }: InputFile, error: unknown): unknown {
  if (error instanceof KvError && /^(This is|The (file|array)|There is more) /.test(error.message)) {
    return new Failure(`${shown} cannot be imported: ${error.message}`, { hint: error.hint, cause: error });
  }
  return compressionFailure(shown, error) ?? error;
}

async function* read(file: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file, { highWaterMark: READ_BYTES });
  const output = new PassThrough({ highWaterMark: READ_BYTES });
  // An error of any of them destroys the output, so that its reader sees it.
  pipeline([source, ...decompressionOf(file), output] as never, () => {});
  for await (const chunk of output as AsyncIterable<Uint8Array>) {
    onBytes(source.bytesRead);
    yield chunk;
  }
}

const READ_BYTES = 262_144;
