import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { directoryOf } from "@kvasir/store";
import { Failure } from "../failure/failure.js";
import { configFileOf, configFileOfPath } from "./config-file.js";
import { keepPrivate } from "./private-data.js";
import { hasOwnData, pointedFrom, pointTo } from "./shared-data.js";

const NAME = ".kvasir";

/**
 * The data directory of a `kv` or `token` command: `--data`, or else beside the config, or else in this
 * folder.
 */
export function dataDirectory(options: {
  readonly data?: string;
  readonly persistTo?: string;
  readonly config?: string;
}): string {
  const given = options.data ?? options.persistTo;
  if (given !== undefined) return resolve(directoryOf(given));
  const own = beside(configFileOf(options));
  return pointedFrom(own) ?? own;
}

export interface DataOfPaths {
  /** `--data`. */
  readonly data: string | undefined;
  readonly paths: readonly string[];
  /** `--assets`. */
  readonly assets?: string | undefined;
  readonly notify: (notice: string) => void;
}

/**
 * The same for `dev` and `serve`, which use the config of the first path that has one. Makes commands in the
 * folders of the other paths use the same directory.
 */
export function dataDirectoryOfPaths({ data, paths, assets, notify }: DataOfPaths): string {
  if (data !== undefined) return resolve(directoryOf(data));
  const [first, ...others] = paths
    .map((path) => configFileOfPath(path, { assets }))
    .filter((file) => file !== undefined);
  const own = beside(first);
  const chosen = hasOwnData(own) ? own : (pointedFrom(own) ?? own);
  pointTo(chosen, [own, ...others.map(beside)], notify);
  return chosen;
}

/** Where cached responses and rate limit counters are, which may be lost. */
export function transientDirectory(data: string): string {
  return join(data, "transient");
}

/**
 * Creates the data directory, which only this user can enter, and its missing parents. A directory that
 * exists is made private; see {@link keepPrivate} for `notify`.
 *
 * @throws Failure when the path is not a folder, or when the folder cannot be created
 */
export function makeDataDirectory(path: string, notify: (notice: string) => void): void {
  if (placeAt(path) === "folder") {
    keepPrivate(path, notify);
    return;
  }
  makeFolder(path, PRIVATE_MODE);
  // The umask may have removed bits of the mode.
  chmodSync(path, PRIVATE_MODE);
}

const PRIVATE_MODE = 0o700;
const USUAL_MODE = 0o777;

function makeFolder(path: string, mode: number): void {
  const place = placeAt(path);
  if (place === "folder") return;
  if (place === "something else") {
    throw new Failure(`${path} is not a folder.`, { hint: "Give --data a folder, or one to be made." });
  }
  if (dirname(path) !== path) makeFolder(dirname(path), USUAL_MODE);
  try {
    // Not `recursive`: Node never returns when the system refuses a folder with ENOENT, as /proc does.
    mkdirSync(path, { mode });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Another process has created it meanwhile.
    if (code === "EEXIST" && placeAt(path) === "folder") return;
    throw new Failure(`The folder ${path} for the data cannot be made: ${REASONS[code ?? ""] ?? code}.`, {
      hint: "Choose another folder with --data.",
      cause,
    });
  }
}

function placeAt(path: string): "folder" | "something else" | "nothing" {
  try {
    return statSync(path).isDirectory() ? "folder" : "something else";
  } catch {
    return "nothing";
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "it would lie on a read-only file system",
  ENOSPC: "the disk is full",
  EEXIST: "a link that leads nowhere is in its place",
  ENOENT: "the system makes no folders there",
  ENAMETOOLONG: "the name is too long",
};

function beside(config: string | undefined): string {
  return join(config === undefined ? process.cwd() : dirname(config), NAME);
}
