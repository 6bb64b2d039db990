import { EventEmitter } from "node:events";
import type { RootDatabase } from "lmdb";
import type { Tables } from "./tables.js";

/**
 * Lets go of what is read from when the work at hand is done, before the event loop brings anything new: a request
 * that comes after another process's write was acknowledged must see that write. Left to itself the binding reads
 * from one snapshot for a millisecond and more.
 */
export function endSnapshotsEarly(root: RootDatabase, tables: Tables): void {
  let ending = false;
  const end = () => {
    ending = false;
    root.resetReadTxn();
  };
  onSnapshot(tables, () => {
    if (ending) return;
    ending = true;
    // Runs once no promise callback is left, so that reads in a row still share a snapshot.
    process.nextTick(end);
  });
}

/** `listener` is called when the first read after the last snapshot takes a new one. */
export function onSnapshot(tables: Tables, listener: () => void): void {
  const { entryKeys: _, ...all } = tables;
  for (const table of Object.values(all)) {
    // The binding emits this but its own `on` is broken for all but its own events (3.5.6): call the emitter's.
    EventEmitter.prototype.on.call(table as never, "begin-transaction", listener);
  }
}
