import { lstatSync, readdirSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { LEFT_OVER_AFTER_MS } from "./limits.js";

/**
 * Names of unfinished copies. A copy is written beside its final place under such a name, which says whose it is:
 * `.NAME.unfinished-HOST-PID-N`. What a killed process left behind is removed by the next copy in the same folder.
 */
const INFIX = ".unfinished-";

let made = 0;
/** The unfinished copies of this process. */
const own = new Set<string>();

/** A path beside `path` for its unfinished copy. Call {@link finished} when nothing is there any more. */
export function unfinishedPath(path: string): string {
  const name = `.${basename(path)}${INFIX}${host()}-${process.pid}-${++made}`;
  const unfinished = join(dirname(path), name);
  own.add(unfinished);
  return unfinished;
}

export function finished(unfinished: string): void {
  own.delete(unfinished);
}

export function isUnfinished(name: string): boolean {
  return name.startsWith(".") && name.includes(INFIX);
}

/** Removes what killed processes left in `folder`. `of` limits that to the copies of one path. */
export function removeLeftovers(folder: string, of?: string): void {
  const prefix = of === undefined ? "." : `.${of}${INFIX}`;
  for (const name of namesIn(folder)) {
    if (!name.startsWith(prefix) || !isUnfinished(name)) continue;
    const path = join(folder, name);
    if (!own.has(path) && isLeftOver(path, name)) rmSync(path, { recursive: true, force: true });
  }
}

function isLeftOver(path: string, name: string): boolean {
  const [, onHost = "", pid = ""] = /\.unfinished-(.*)-(\d+)-\d+$/.exec(name) ?? [];
  if (onHost === host()) return Number(pid) === process.pid || !isRunning(Number(pid));
  // The process ids of another machine mean nothing here.
  return Date.now() - lastWrittenMs(path) > LEFT_OVER_AFTER_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user may not be signalled.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function lastWrittenMs(path: string): number {
  const times = [path, ...namesIn(path).map((name) => join(path, name))].map(
    (each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Math.max(...times);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function host(): string {
  return hostname().replace(/[^A-Za-z0-9.]/g, "_");
}

/** Whether there is anything at `path`, even a link that leads nowhere. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
