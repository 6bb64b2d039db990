import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import type { BackupReport, DataSnapshot } from "../store/backup.js";
import { DATA_FILE } from "../store/files.js";
import { fileError } from "./errors.js";
import { MANIFEST_FILE, TIMES_NAMED_MAX } from "./limits.js";
import { makePrivateFolder } from "./make-folder.js";
import { type Manifest, readManifest } from "./manifest.js";
import { finished, isUnfinished, removeLeftovers, unfinishedPath } from "./unfinished.js";
import { type WriteBackupOptions, writeBackup } from "./write-backup.js";

/** A backup in a ring. */
export interface RingEntry {
  readonly path: string;
  readonly manifest: Manifest;
}

export interface RingOptions extends Omit<WriteBackupOptions, "sequence"> {
  /** How many backups stay. */
  readonly keep: number;
}

/** The folders in `ring` that have a manifest, whatever state it is in. */
export function ringFolders(ring: string): readonly string[] {
  return namesIn(ring)
    .filter((name) => !isUnfinished(name))
    .map((name) => join(ring, name))
    .filter((path) => existsSync(join(path, MANIFEST_FILE)));
}

/**
 * The backups in the folder `ring`, in the order in which they were made. Backups whose manifest cannot be read are
 * left out.
 */
export function ringEntries(ring: string): readonly RingEntry[] {
  const entries: RingEntry[] = [];
  for (const path of ringFolders(ring)) {
    const manifest = manifestOrNull(path);
    if (manifest !== null) entries.push({ path, manifest });
  }
  return entries.sort(
    ({ manifest: one }, { manifest: other }) => one.sequence - other.sequence || one.atMs - other.atMs,
  );
}

/**
 * Adds a backup to a ring, which is made when it is missing. When the new one was found sound, the oldest ones are
 * removed. "Oldest" goes by the order in which they were made, because a clock may be set back. Several processes may
 * use one ring: each keeps `keep` backups of all.
 *
 * @throws KvError see {@link Maintenance.backup}; `bad_request` if the folder is a backup or a data directory
 */
export async function addToRing(
  snapshot: DataSnapshot,
  ring: string,
  { keep, ...options }: RingOptions,
): Promise<BackupReport> {
  try {
    openRing(ring);
  } catch (error) {
    snapshot.release();
    throw error;
  }
  const sequence = (ringEntries(ring).at(-1)?.manifest.sequence ?? 0) + 1;
  // No colons: Windows allows none in names.
  const time = new Date(snapshot.atMs).toISOString().replaceAll(":", "-");
  const report = await writeBackup(snapshot, join(ring, `${time}-${sequence}`), { ...options, sequence });
  trim(ring, keep, report.path);
  return report;
}

/**
 * The backup of a ring that shows the newest state that is not later than `atMs`.
 *
 * @throws KvError `bad_request`, which names the choices, if all are later or there is none
 */
export function chooseFromRing(ring: string, atMs: number): RingEntry {
  const entries = ringEntries(ring);
  let chosen: RingEntry | undefined;
  for (const entry of entries) {
    const { atMs: time } = entry.manifest;
    if (time <= atMs && time >= (chosen?.manifest.atMs ?? Number.NEGATIVE_INFINITY)) chosen = entry;
  }
  if (chosen !== undefined) return chosen;
  if (entries.length === 0)
    throw new KvError("bad_request", `There is no backup in ${ring}.`, { hint: "Check the path." });
  const times = entries.map(({ manifest }) => new Date(manifest.atMs).toISOString()).sort();
  const named = times.slice(0, TIMES_NAMED_MAX).join(", ");
  const more = times.length > TIMES_NAMED_MAX ? `, … (${times.length} in all)` : "";
  throw new KvError(
    "bad_request",
    `No backup in ${ring} is from ${new Date(atMs).toISOString()} or before.`,
    {
      hint: `Give --at one of these times or a later one: ${named}${more}.`,
    },
  );
}

/**
 * Makes a missing ring.
 *
 * @throws KvError `bad_request` if the folder is something else, `storage_read_only`
 */
export function openRing(ring: string): void {
  try {
    prepareRing(ring);
  } catch (error) {
    throw fileError(error, ring);
  }
}

function prepareRing(ring: string): void {
  const found = statSync(ring, { throwIfNoEntry: false });
  if (found === undefined) {
    makePrivateFolder(resolve(ring));
    return;
  }
  if (!found.isDirectory()) throw notRingError(ring, "is not a folder");
  if (existsSync(join(ring, MANIFEST_FILE)))
    throw notRingError(ring, "is a single backup and not a ring of them");
  if (namesIn(ring).includes(DATA_FILE)) throw notRingError(ring, "is a data directory");
  removeLeftovers(ring);
}

/** Removes the oldest backups, but never the one at `newest`. */
function trim(ring: string, keep: number, newest: string): void {
  const entries = ringEntries(ring);
  for (const { path } of entries.slice(0, Math.max(0, entries.length - keep))) {
    if (path !== newest) remove(path);
  }
}

/** Takes the name away first, so that no half of a backup is under it if this process is killed. */
function remove(path: string): void {
  const leaving = unfinishedPath(path);
  try {
    renameSync(path, leaving);
    rmSync(leaving, { recursive: true, force: true });
  } catch (error) {
    // Another process that uses the ring was faster.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw fileError(error, path);
  } finally {
    finished(leaving);
  }
}

function manifestOrNull(path: string): Manifest | null {
  try {
    return readManifest(path);
  } catch {
    // `kvasir check` names it. It must not keep newer backups from being made or restored.
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw fileError(error, folder);
  }
}

function notRingError(ring: string, what: string): KvError {
  return new KvError("bad_request", `${ring} ${what}.`, {
    hint: "Give a folder that is empty, missing, or holds the backups of a ring.",
  });
}
