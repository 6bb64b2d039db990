import { lstat, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ABANDONED_AFTER_MS } from "../http/limits.js";

/** The prefix of the folders that hold our sockets. `mkdtemp` adds six characters. */
export const SOCKET_FOLDER_PREFIX = "kvasir-";
const SOCKET_FOLDER = /^kvasir-\w{6}$/;

/**
 * Removes the socket folders of killed processes. It removes only folders that are certainly ours and unused:
 * owned by this user, containing only sockets that have some age and no listener. A process id would not
 * tell, because a process in another container may share this folder.
 */
export async function removeAbandonedSockets(parent = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    if (!SOCKET_FOLDER.test(name)) continue;
    const folder = join(parent, name);
    // Another process that is starting may have removed it meanwhile.
    if (await isAbandoned(folder).catch(() => false)) await rm(folder, { recursive: true, force: true });
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const files = await readdir(folder);
  // An empty folder may be about to get its socket.
  if (files.length === 0) return false;
  for (const file of files) if (!(await isDead(join(folder, file)))) return false;
  return true;
}

async function isDead(path: string): Promise<boolean> {
  const found = await lstat(path);
  // A new socket also refuses connections until its process listens.
  if (!found.isSocket() || Date.now() - found.mtimeMs < ABANDONED_AFTER_MS) return false;
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      resolve(false);
      socket.destroy();
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
}
