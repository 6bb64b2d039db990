import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FunctionError } from "../../failure/function-error.js";

/** Names the process whose workerd may open the objects. */
const OWNER_FILE = "owner";

/**
 * Takes a folder of Durable Objects for this process. workerd ends when it finds the files of an object open in
 * another process.
 *
 * @returns what gives the folder back
 * @throws FunctionError if a running Kvasir has the folder
 */
export function ownObjects(folder: string): () => void {
  const file = join(folder, OWNER_FILE);
  const owner = Number(read(file));
  if (owner > 0 && owner !== process.pid && isKvasir(owner)) {
    throw new FunctionError(
      `The Durable Objects in ${folder} are in use by the Kvasir with process id ${owner}.`,
      {
        hint: "Stop it, or give this one another data directory with --data.",
      },
    );
  }
  writeFileSync(file, String(process.pid));
  return () => {
    if (Number(read(file)) === process.pid) rmSync(file, { force: true });
  };
}

/** A crash leaves the file, and the process id may belong to another program by now. */
function isKvasir(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  if (process.platform !== "linux") return true;
  return read(`/proc/${pid}/cmdline`).includes("kvasir");
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
