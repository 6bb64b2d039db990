import type { FileHandle } from "node:fs/promises";
import { open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../failure/failure.js";
import { writeWhole } from "../../terminal/output.js";
import { compressionOf } from "./compression.js";

/**
 * Writes the chunks to the file at a path, or to standard output for `-`. A file has its name only when it is complete
 * and on disk: whatever ends the process before, what was there under the name is there still.
 *
 * @throws Failure if the disk is full, the folder cannot be written or the reader of a pipe leaves
 */
export async function writeOutput(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  if (file === "-") return writeAll("-", chunks, writeWhole);
  const target = await realpath(file).catch(() => file);
  const there = await stat(target).catch(() => undefined);
  if (there?.isDirectory()) {
    throw new Failure(`${file} is a folder.`, { hint: "Give the name of a file in it." });
  }
  if (there !== undefined && !there.isFile()) return writeDevice(target, chunks);
  await removeAbandoned(target);
  const partial = `${target}${PARTIAL}${process.pid}`;
  try {
    const handle = await open(partial, "wx", FILE_MODE);
    try {
      await writeAll(target, chunks, (chunk) => writeTo(handle, chunk));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw outputFailure(file, error);
  }
}

/** Between the name of a file and the id of the process that writes it. */
const PARTIAL = ".partial-";
/** Only its owner reads it: it holds what the data directory holds. */
const FILE_MODE = 0o600;

/** A device or a named pipe, which must not be replaced by a file. */
async function writeDevice(target: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(target, "w");
  try {
    await writeAll(target, chunks, (chunk) => writeTo(handle, chunk));
  } catch (error) {
    throw outputFailure(target, error);
  } finally {
    await handle.close();
  }
}

async function writeAll(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  try {
    await pipeline([
      chunks,
      ...compressionOf(file),
      async (compressed: AsyncIterable<Uint8Array>) => {
        for await (const chunk of compressed) await write(chunk);
      },
    ] as never);
  } catch (error) {
    throw file === "-" ? outputFailure("standard output", error) : error;
  }
}

async function writeTo(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) at += (await handle.write(chunk, at)).bytesWritten;
}

/** What a process left that was killed. */
async function removeAbandoned(target: string): Promise<void> {
  const start = `${basename(target)}${PARTIAL}`;
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    if (!name.startsWith(start) || isRunning(Number(name.slice(start.length)))) continue;
    await rm(join(dirname(target), name), { force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Without it the new name may be gone after a power failure. Not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function outputFailure(shown: string, cause: unknown): unknown {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  switch (code) {
    case "EPIPE":
      return new Failure("The reader of the output left before the export was complete.", { cause });
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new Failure(`There is no space left for ${shown}.`, {
        hint: "Make room, or choose another disk, and run the command again.",
        cause,
      });
    case "ENOENT":
      return new Failure(`The folder of ${shown} does not exist.`, { hint: "Make it first.", cause });
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new Failure(`${shown} cannot be written.`, {
        hint: "Choose a folder that you may write to.",
        cause,
      });
    case "EIO":
      return syscall === "write" ? new Failure(`${shown} cannot be written.`, { cause }) : cause;
    default:
      return cause;
  }
}
