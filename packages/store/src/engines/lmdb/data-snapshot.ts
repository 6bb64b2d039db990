import { closeSync, fstatSync, openSync, read as readFile } from "node:fs";
import { promisify } from "node:util";
import { KvError } from "@kvasir/client/namespace";
import type { DataSnapshot } from "../../store/backup.js";
import { closedError } from "../../store/errors.js";
import { withSystemTimers } from "../../store/timers.js";
import { type DataFileHead, newestHead, writeHeads } from "./data-file.js";
import type { Environment } from "./environment.js";
import { FORMAT } from "./format.js";
import { SNAPSHOT_CHUNK_BYTES, SNAPSHOT_TRIES } from "./limits.js";
import { readMeta } from "./meta.js";
import { positionOf } from "./positions.js";

const read = promisify(readFile);

/**
 * The pages of the data file as of the newest transaction. A read transaction keeps LMDB from reusing them, so
 * they can be copied while writers go on; what else the file gets meanwhile is not part of the snapshot.
 *
 * LMDB's own copy does the same, but only to a path, at once, and without telling how far it is.
 *
 * @param released called once, when the snapshot has ended
 */
export function takeSnapshot(environment: Environment, nowMs: number, released: () => void): DataSnapshot {
  const gone = environment.files?.check() ?? null;
  if (gone !== null) throw gone;
  const { file } = environment;
  const descriptor = openSync(file, "r");
  let isReleased = false;
  let pinned: { readonly head: DataFileHead; readonly version: number; done(): void };
  try {
    pinned = withSystemTimers(() => pinNewest(environment, descriptor));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  let reading: Promise<unknown> = Promise.resolve();
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    released();
    pinned.done();
    // A closed descriptor may be another file's by the time a read in flight uses it.
    void reading.catch(() => {}).finally(() => closeSync(descriptor));
  };
  const { head, version } = pinned;
  const byteLength = (head.lastPage + 1) * head.pageBytes;
  return {
    byteLength,
    atMs: nowMs,
    position: positionOf(version),
    format: FORMAT,
    async *chunks() {
      try {
        for (let at = 0; at < byteLength; at += SNAPSHOT_CHUNK_BYTES) {
          if (isReleased) throw closedError();
          const chunk = Buffer.allocUnsafe(Math.min(SNAPSHOT_CHUNK_BYTES, byteLength - at));
          reading = readWhole(descriptor, chunk, at);
          await reading;
          if (at === 0) writeHeads(chunk, head);
          yield chunk;
        }
      } finally {
        release();
      }
    },
    release,
  };
}

/**
 * Begins a read transaction and finds the head of the file that belongs to it. Commits of other processes come
 * in between, so both are read until nothing has changed meanwhile.
 */
function pinNewest({ root, tables, file }: Environment, descriptor: number) {
  for (let tries = 0; tries < SNAPSHOT_TRIES; tries++) {
    // The binding keeps a transaction for a millisecond or more. A new one sees the newest commit.
    root.resetReadTxn();
    const transaction = root.useReadTransaction();
    const version = readMeta(tables.meta, "lastVersion");
    const head = newestHead(descriptor, file);
    const again = newestHead(descriptor, file);
    root.resetReadTxn();
    const isSame = head.transaction === again.transaction && head.head.equals(again.head);
    if (isSame && readMeta(tables.meta, "lastVersion") === version) {
      return { head, version, done: () => transaction.done() };
    }
    transaction.done();
  }
  throw new KvError("unavailable", `${file} changed too fast for a snapshot.`, { hint: "Try again." });
}

/** Fills `chunk`. The last pages may be missing in an intact file if they are free: they become zeros. */
async function readWhole(descriptor: number, chunk: Buffer, at: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesRead } = await read(descriptor, chunk, done, chunk.length - done, at + done);
    if (bytesRead === 0) {
      if (at + done < fstatSync(descriptor).size) continue;
      chunk.fill(0, done);
      return;
    }
    done += bytesRead;
  }
}
