import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import { DATA_FILE } from "../store/files.js";
import { fileError } from "./errors.js";
import { MANIFEST_BYTES_MAX, MANIFEST_FILE } from "./limits.js";

/** What a backup says about itself. It is written last, so a folder with a manifest is a whole backup. */
export interface Manifest {
  /** The time that the backup shows, in milliseconds since the epoch. */
  readonly atMs: number;
  /** The place in the feed of changes. `null` if it is not known. */
  readonly position: string | null;
  /** The format of the data on disk. */
  readonly format: number;
  /** Grows from backup to backup of a ring, whatever the clock does. */
  readonly sequence: number;
  /** The number of entries and the bytes of their values. `null` if nobody counted. */
  readonly entries: number | null;
  readonly bytes: number | null;
  /** The size of the data file. */
  readonly fileBytes: number;
  /** Of the data file, in hex. */
  readonly sha256: string;
  /** The transaction of the data file's head, for the copy that precedes an upgrade. */
  readonly transaction?: string | undefined;
}

/** The manifest as it is stored. */
interface Stored extends Omit<Manifest, "atMs" | "fileBytes" | "sha256"> {
  readonly kvasir_backup: number;
  /** ISO 8601, in UTC. */
  readonly at: string;
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

const VERSION = 1;

export function renderManifest({ atMs, fileBytes, sha256, ...rest }: Manifest): string {
  const stored: Stored = {
    kvasir_backup: VERSION,
    at: new Date(atMs).toISOString(),
    ...rest,
    file: { name: DATA_FILE, bytes: fileBytes, sha256 },
  };
  return `${JSON.stringify(stored, null, 2)}\n`;
}

/**
 * The manifest of the backup in the folder `path`; `null` if the folder is not a backup.
 *
 * @throws KvError `storage_corrupt` if the manifest is damaged, `storage_format` if a newer program wrote it
 */
export function readManifest(path: string): Manifest | null {
  const file = join(path, MANIFEST_FILE);
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > MANIFEST_BYTES_MAX) throw damagedError(file);
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw fileError(error, file);
  }
  return parseManifest(text, file);
}

/** @param file names the manifest in errors */
export function parseManifest(text: string, file: string): Manifest {
  let stored: Partial<Stored> | null;
  try {
    stored = JSON.parse(text) as Partial<Stored> | null;
  } catch {
    throw damagedError(file);
  }
  if (typeof stored !== "object" || stored === null || typeof stored.kvasir_backup !== "number") {
    throw damagedError(file);
  }
  if (stored.kvasir_backup > VERSION) throw newerError(file);
  const {
    at,
    position = null,
    format,
    sequence,
    entries = null,
    bytes = null,
    file: data,
    transaction,
  } = stored;
  const atMs = Date.parse(String(at));
  const isWhole =
    !Number.isNaN(atMs) &&
    [format, sequence, data?.bytes].every((number) => Number.isSafeInteger(number)) &&
    /^[0-9a-f]{64}$/.test(data?.sha256 ?? "");
  if (!isWhole || data === undefined) throw damagedError(file);
  return {
    atMs,
    position,
    format: format as number,
    sequence: sequence as number,
    entries,
    bytes,
    fileBytes: data.bytes,
    sha256: data.sha256,
    ...(transaction === undefined ? {} : { transaction }),
  };
}

function damagedError(file: string): KvError {
  return new KvError("storage_corrupt", `${file} is damaged: it does not describe a backup.`, {
    hint: "Use another backup. Its data file may still be good: copy it to an empty folder and run `kvasir check` there.",
  });
}

function newerError(file: string): KvError {
  return new KvError("storage_format", `${file} was written by a newer version of Kvasir.`, {
    hint: "Use that version, or a newer one.",
  });
}
