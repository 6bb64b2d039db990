import type { RecordTable } from "../store.js";
import type { Committer } from "./committer.js";
import { exactly, nameKey, type Table } from "./tables.js";

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
    const bytes = this.#table.getBinaryFast(nameKey(name));
    return bytes === undefined ? null : parse(bytes);
  }

  async put(name: string, record: unknown): Promise<void> {
    this.#guard();
    const bytes = Buffer.from(JSON.stringify(record));
    await this.#committer.submit(() => {
      this.#table.putSync(nameKey(name), bytes);
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
    return Array.from(this.#table.getRange({}), ({ key, value }) => ({
      name: Buffer.from(key).toString(),
      record: parse(value),
    }));
  }
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(exactly(bytes).toString());
}
