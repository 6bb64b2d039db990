import { readdirSync, readFileSync, statSync } from "node:fs";
import type { KvError } from "@kvasir/client/namespace";
import { goneError, lockMissingError } from "./errors.js";

/** LMDB's lock file beside the data file `file`. */
export function lockFileOf(file: string): string {
  return `${file}-lock`;
}

/** What tells a file from any other, whatever it is called. */
interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * The files that an environment has open. Removed or moved they can be written on and on, and nobody would ever find
 * what was written; so it is checked again and again that their names still lead to them.
 */
export class OpenedFiles {
  readonly #file: string;
  readonly #data: Identity | null;
  readonly #lock: Identity | null;
  readonly #listeners = new Set<(error: KvError) => void>();
  #gone: KvError | null = null;

  /** Of the data file `file`, once LMDB has opened it. */
  constructor(file: string) {
    this.#file = file;
    this.#data = identityOf(file);
    this.#lock = identityOf(lockFileOf(file));
  }

  /** Why writes must not be acknowledged; `null` while everything is where it was, or is back there. */
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

  /** {@link check}, where the last one found something wrong: what to ask before writing. */
  recheck(): KvError | null {
    return this.#gone === null ? null : this.check();
  }

  /** Whether `file` leads to the data file that is open here. */
  isAt(file: string): boolean {
    return this.#data !== null && isSame(identityOf(file), this.#data);
  }

  /** `listener` is called when something is found wrong, once until it is right again. Returns what removes it. */
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
 * Without the lock file, this process and another one that has the data open would each believe to be alone, and
 * overwrite what the other reads. Only Linux says what other processes have open.
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
  // Another process that opens it at the same moment has made the lock file meanwhile, and mapped the data then.
  if (pid !== undefined && identityOf(lockFileOf(file)) === null) throw lockMissingError(file, pid);
}

/** Whether a process works on the file. One that only looks through it before it opens it has no map of it yet. */
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
    // It cannot be reached, which is as good as not there.
    return null;
  }
}

/** Nothing for one that is gone by now, or another user's. */
function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
