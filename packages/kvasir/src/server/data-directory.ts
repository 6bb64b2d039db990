import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { directoryOf, shownLocator } from "@kvasir/store/locator";
import { Failure } from "../failure/failure.js";
import { projectFolder } from "../functions/config/redirected-config.js";
import { configFileOf, configFileOfPath } from "./config-file.js";
import { keepPrivate } from "./private-data.js";
import { hasOwnData, pointedFrom, pointTo } from "./shared-data.js";

const NAME = ".kvasir";

/** Where data are. */
export interface DataPlace {
  /** What `open()` takes. It may hold a password. */
  readonly locator: string;
  /** The folder for files of this machine: the data directory, or what stands beside data in a cluster. */
  readonly directory: string;
}

/** Flags of data in a cluster. They win over the options of the locator. */
export interface ClusterFlags {
  readonly acks?: string;
  readonly reads?: string;
  readonly buckets?: string;
}

interface DataFlags extends ClusterFlags {
  readonly data?: string;
  readonly persistTo?: string;
  readonly config?: string;
}

/**
 * The data of a `kv` or `token` command: `--data`, or else a directory beside the config, or else in this
 * folder.
 */
export function dataPlace(flags: DataFlags): DataPlace {
  const given = givenPlace(flags, () => beside(configFileOf(flags)));
  if (given !== null) return given;
  const own = beside(configFileOf(flags));
  return placeOfDirectory(pointedFrom(own) ?? own);
}

/** Whether the data of a `kv` or `token` command are in a cluster. */
export function isInCluster(flags: DataFlags): boolean {
  const { locator, directory } = dataPlace(flags);
  return locator !== directory;
}

/**
 * The directory, for a command that needs one.
 *
 * @param instead what to do about data in a cluster
 * @throws Failure when the data are in a cluster
 */
export function dataDirectory(flags: DataFlags, instead?: string): string {
  const { locator, directory } = dataPlace(flags);
  if (locator === directory) return directory;
  throw clusterFailure(locator, instead);
}

/**
 * The path of the data directory that a locator names.
 *
 * @param instead what to do about data in a cluster
 * @throws Failure when the data are in a cluster
 */
export function directoryIn(locator: string, instead?: string): string {
  const directory = directoryOf(locator);
  if (directory === null) throw clusterFailure(locator, instead);
  return resolve(directory);
}

/** What stands in for `backup` and `restore` of a cluster. */
export const CLUSTER_BACKUPS =
  "Use `kvasir export --all` and `kvasir import`, or the cluster's own snapshots (BGSAVE).";

function clusterFailure(locator: string, instead = "Give the path of a directory."): Failure {
  return new Failure(`This command needs a data directory, and ${shownLocator(locator)} is a cluster.`, {
    hint: instead,
  });
}

export interface DataOfPaths {
  /** `--data` and what belongs to it. */
  readonly flags: Omit<DataFlags, "config">;
  readonly paths: readonly string[];
  /** `--assets`. */
  readonly assets?: string | undefined;
  readonly notify: (notice: string) => void;
}

/**
 * The same for `dev` and `serve`, which use the config of the first path that has one. Makes commands in the
 * folders of the other paths use the same directory.
 */
export function dataPlaceOfPaths({ flags, paths, assets, notify }: DataOfPaths): DataPlace {
  const [first, ...others] = paths
    .map((path) => configFileOfPath(path, { assets }))
    .filter((file) => file !== undefined);
  const given = givenPlace(flags, () => beside(first));
  if (given !== null) return given;
  const own = beside(first);
  const chosen = hasOwnData(own) ? own : (pointedFrom(own) ?? own);
  pointTo(chosen, [own, ...others.map(beside)], notify);
  return placeOfDirectory(chosen);
}

/** What `--data` names. `null`: it is not given. */
function givenPlace(flags: Omit<DataFlags, "config">, ownDirectory: () => string): DataPlace | null {
  const given = flags.data ?? flags.persistTo;
  const directory = given === undefined ? undefined : directoryOf(given);
  if (given !== undefined && directory === null) {
    const locator = withClusterFlags(given, flags);
    directoryOf(locator);
    return { locator, directory: ownDirectory() };
  }
  const [flag] = CLUSTER_FLAGS.filter((name) => flags[name] !== undefined);
  if (flag !== undefined) {
    throw new Failure(`--${flag} is for data in a cluster.`, {
      hint: "Give --data valkey://HOST:PORT/NAME.",
    });
  }
  return typeof directory === "string" ? placeOfDirectory(resolve(directory)) : null;
}

const CLUSTER_FLAGS = ["acks", "reads", "buckets"] as const;

function withClusterFlags(locator: string, flags: ClusterFlags): string {
  const question = locator.lastIndexOf("?");
  const place = question === -1 ? locator : locator.slice(0, question);
  const options = new URLSearchParams(question === -1 ? "" : locator.slice(question + 1));
  for (const name of CLUSTER_FLAGS) if (flags[name] !== undefined) options.set(name, flags[name]);
  return options.size === 0 ? place : `${place}?${options}`;
}

function placeOfDirectory(directory: string): DataPlace {
  return { locator: directory, directory };
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
  return join(config === undefined ? process.cwd() : projectFolder(config), NAME);
}
