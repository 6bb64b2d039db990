import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A text that a child process reads by a path, and nobody else can. */
export interface PrivateFile {
  /** To inherit at {@link PRIVATE_FILE_FD}; `undefined` where the path itself is the file's. */
  readonly fd: number | undefined;
  readonly path: string;
  /** Call when the child has read it. */
  close(): void;
}

/** The descriptor that the child must find the file at. */
export const PRIVATE_FILE_FD = 4;

/**
 * Writes a config, secrets included, so that it never stays on disk: it loses its name before it has content, and
 * the child reads it through the descriptor it inherits. Windows has no such thing: there it has a name until
 * it is closed.
 */
export function writePrivateFile(text: string): PrivateFile {
  const folder = mkdtempSync(join(tmpdir(), "kvasir-"));
  const path = join(folder, "config.capnp");
  let fd: number;
  try {
    fd = openSync(path, "wx+", 0o600);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  if (process.platform === "win32") {
    writeAll(fd, text);
    closeSync(fd);
    return { fd: undefined, path, close: () => rmSync(folder, { recursive: true, force: true }) };
  }
  unlinkSync(path);
  rmSync(folder, { recursive: true });
  writeAll(fd, text);
  return {
    fd,
    path: `/dev/fd/${PRIVATE_FILE_FD}`,
    close() {
      // The child keeps its descriptor open, which other programs of this user reach in /proc/<pid>/fd. Not
      // truncated: the child may have mapped the file.
      writeAll(fd, " ".repeat(Buffer.byteLength(text)));
      closeSync(fd);
    },
  };
}

/** From the file's beginning on. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.byteLength; ) {
    written += writeSync(fd, bytes, written, bytes.byteLength - written, written);
  }
}
