import type { RecordTable } from "../../store/store.js";
import type { Committer } from "./committer.js";
import { payloadOf, putRow, readRow } from "./rows.js";
import { nameKey, type Table } from "./tables.js";

/** Records as JSON under their names. */
export class JsonRecords implements RecordTable {
  readonly #table: Table;
  readonly #committer: Committer;
  readonly #guard: () => void;

  /** `guard` throws when the store is closed. */
  constructor(table: Table, committer: Committer, guard: () => void) {
    this.#table = table;
    this.#committer = committer;
    this.#guard = guard;
  }

  get(name: string): unknown {
    this.#guard();
    const bytes = readRow(this.#table, nameKey(name), `The record ${JSON.stringify(name)}`);
    return bytes === undefined ? null : parse(bytes);
  }

  async put(name: string, record: unknown): Promise<void> {
    this.#guard();
    const bytes = Buffer.from(JSON.stringify(record));
    await this.#committer.submit(() => {
      putRow(this.#table, nameKey(name), bytes);
    }, bytes.length);
  }

  async delete(name: string): Promise<boolean> {
    this.#guard();
    return this.#committer.submit(() => {
      if (this.#table.getBinaryFast(nameKey(name)) === undefined) return false;
      this.#table.removeSync(nameKey(name));
      return true;
    });
  }

  list(): { readonly name: string; readonly record: unknown }[] {
    this.#guard();
    return Array.from(this.#table.getRange({}), ({ key, value }) => {
      const bytes = payloadOf(key, value);
      return { name: Buffer.from(key).toString(), record: bytes === null ? null : parse(bytes) };
    });
  }
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}
