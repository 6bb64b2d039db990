import { existsSync } from "node:fs";
import { join } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import { DATA_FILE } from "../store/files.js";
import { MANIFEST_FILE } from "./limits.js";
import { readManifest } from "./manifest.js";
import { chooseFromRing, ringFolders } from "./ring.js";

/** What a path leads to. */
export type BackupKind = "backup" | "ring" | "data" | "nothing";

/** Tells a backup from a ring of them and from a data directory. */
export function kindOf(path: string): BackupKind {
  if (existsSync(join(path, MANIFEST_FILE))) return "backup";
  if (existsSync(join(path, DATA_FILE))) return "data";
  return ringFolders(path).length > 0 ? "ring" : "nothing";
}

/**
 * The path of the backup that `path` means: itself, or one of the ring at `path`.
 *
 * @param atMs the newest that is not later than this, in milliseconds since the epoch. @default the newest
 * @throws KvError `bad_request`, which names the choices, if there is none
 */
export function findBackup(path: string, atMs: number = Number.POSITIVE_INFINITY): string {
  const kind = kindOf(path);
  if (kind === "backup") {
    const ownMs = readManifest(path)?.atMs ?? 0;
    if (ownMs <= atMs) return path;
    throw new KvError(
      "bad_request",
      `The backup ${path} is from ${new Date(ownMs).toISOString()}, which is later.`,
      {
        hint: "Leave --at out to restore it, or give the path of a ring of backups.",
      },
    );
  }
  if (kind === "ring") return chooseFromRing(path, atMs).path;
  if (kind === "data") {
    throw new KvError("bad_request", `${path} is a data directory and not a backup.`, {
      hint: "`kvasir backup` makes a backup of it.",
    });
  }
  throw new KvError(
    "bad_request",
    existsSync(path) ? `There is no backup in ${path}.` : `${path} does not exist.`,
    {
      hint: "Give the folder that `kvasir backup` made, or a ring of such folders.",
    },
  );
}
