import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A text that a child process reads by a path, but that no other user can read. */
export interface PrivateFile {
  /** Descriptor to inherit at {@link PRIVATE_FILE_FD}. `undefined` if the child opens the path itself. */
  readonly fd: number | undefined;
  readonly path: string;
  /** Call it after the child has read the file. */
  close(): void;
}

/** The descriptor at which the child must find the file. */
export const PRIVATE_FILE_FD = 4;

/**
 * Writes a config, which may contain secrets, without leaving it on disk. The file is unlinked before it gets
 * its content, and the child reads it through an inherited descriptor. Windows does not allow that: there the
 * file has a name until it is closed.
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
      // Other programs of this user can reach the child's open descriptor in /proc/<pid>/fd, so overwrite it.
      // Do not truncate: the child may have mapped the file.
      writeAll(fd, " ".repeat(Buffer.byteLength(text)));
      closeSync(fd);
    },
  };
}

/** Writes from the start of the file. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.byteLength; ) {
    written += writeSync(fd, bytes, written, bytes.byteLength - written, written);
  }
}
