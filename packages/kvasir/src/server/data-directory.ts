import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../failure/failure.js";
import { configFileOf, configFileOfPath } from "./config-file.js";
import { keepPrivate } from "./private-data.js";
import { directoryOf } from "@kvasir/store";

const NAME = ".kvasir";

/** Where a `kv` or `token` command's data lies: `--data`, else beside the config, else in this folder. */
export function dataDirectory(options: {
  readonly data?: string;
  readonly persistTo?: string;
  readonly config?: string;
}): string {
  const given = options.data ?? options.persistTo;
  return given === undefined ? beside(configFileOf(options)) : resolve(directoryOf(given));
}

/** The same for `dev` and `serve`: beside the config of the first path that has one. */
export function dataDirectoryOfPaths(data: string | undefined, paths: readonly string[]): string {
  if (data !== undefined) return resolve(directoryOf(data));
  return beside(paths.map(configFileOfPath).find((file) => file !== undefined));
}

/**
 * Makes the directory, which only this user can enter, and those above it, where they are missing. One that is there
 * is taken from other users, which `notify` tells.
 *
 * @throws Failure when something else is in the way, or nothing may be made there
 */
export function makeDataDirectory(path: string, notify: (notice: string) => void): void {
  if (placeAt(path) === "folder") {
    keepPrivate(path, notify);
    return;
  }
  makeFolder(path, PRIVATE_MODE);
  // A umask can take from the mode that it was made with.
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
    // One by one: Node's own `recursive` never returns where the system denies a folder with ENOENT, as /proc does.
    mkdirSync(path, { mode });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Somebody else was quicker.
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
