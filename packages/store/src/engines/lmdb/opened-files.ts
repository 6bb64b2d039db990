import { readdirSync, readFileSync, statSync } from "node:fs";
import type { KvError } from "@kvasir/client/namespace";
import { goneError, lockMissingError } from "./errors.js";

/** LMDB's lock file beside the data file `file`. */
export function lockFileOf(file: string): string {
  return `${file}-lock`;
}

/** Identifies a file, whatever its name is. */
interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * The files that an environment has open. LMDB could keep writing to a removed or moved file, and those
 * writes would be lost. So this class checks repeatedly that the names still lead to the open files.
 */
export class OpenedFiles {
  readonly #file: string;
  readonly #data: Identity | null;
  readonly #lock: Identity | null;
  readonly #listeners = new Set<(error: KvError) => void>();
  #gone: KvError | null = null;

  /** `file` is the data file. Create the object after LMDB has opened it. */
  constructor(file: string) {
    this.#file = file;
    this.#data = identityOf(file);
    this.#lock = identityOf(lockFileOf(file));
  }

  /**
   * Returns the reason why writes must not be acknowledged, or `null` if the files are in their place
   * (again).
   */
  check(): KvError | null {
    const lost = this.#lost();
    if (lost === null) {
      this.#gone = null;
    } else if (this.#gone === null) {
      this.#gone = goneError(this.#file, lost);
      for (const listener of this.#listeners) listener(this.#gone);
    }
    return this.#gone;
  }

  /** Like {@link check}, but does the work only if the last check found a problem. Call it before writing. */
  recheck(): KvError | null {
    return this.#gone === null ? null : this.check();
  }

  /** Whether `file` leads to the data file that is open. */
  isAt(file: string): boolean {
    return this.#data !== null && isSame(identityOf(file), this.#data);
  }

  /**
   * Calls `listener` when a problem is found, once until it is solved. Returns a function that removes the
   * listener.
   */
  onGone(listener: (error: KvError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #lost(): "data" | "lock" | null {
    if (this.#data !== null && !isSame(identityOf(this.#file), this.#data)) return "data";
    if (this.#lock !== null && !isSame(identityOf(lockFileOf(this.#file)), this.#lock)) return "lock";
    return null;
  }
}

/**
 * If the lock file is missing, this process and another one that has the data open would each believe that
 * they are alone, and overwrite pages that the other reads. Only Linux reports which files other processes
 * have open.
 *
 * @throws KvError `storage_gone`
 */
export function assertLockFile(file: string): void {
  if (process.platform !== "linux" || identityOf(lockFileOf(file)) !== null) return;
  const data = identityOf(file);
  if (data === null) return;
  const pid = readFolder("/proc").find(
    (name) => /^\d+$/.test(name) && name !== String(process.pid) && isMappedBy(name, data),
  );
  // Otherwise, another process that is opening the data has made the lock file meanwhile and then mapped the
  // data.
  if (pid !== undefined && identityOf(lockFileOf(file)) === null) throw lockMissingError(file, pid);
}

/**
 * Whether a process has the file mapped. A process that only reads through the file before opening it has
 * not.
 */
function isMappedBy(pid: string, data: Identity): boolean {
  const folder = `/proc/${pid}/fd`;
  if (!readFolder(folder).some((name) => isSame(identityOf(`${folder}/${name}`), data))) return false;
  try {
    return readFileSync(`/proc/${pid}/maps`, "latin1").includes(` ${data.ino} `);
  } catch {
    return false;
  }
}

function isSame(one: Identity | null, other: Identity): boolean {
  return one !== null && one.ino === other.ino && one.dev === other.dev;
}

function identityOf(path: string): Identity | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    // A file that cannot be reached counts as missing.
    return null;
  }
}

/** Returns an empty list for a process that has ended or belongs to another user. */
function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
