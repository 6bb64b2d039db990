import type { RecordTable } from "../../store/records.js";
import { successorOfPrefix } from "./keys.js";
import { payloadOf, putRow, readRow } from "./rows.js";
import type { Session } from "./session.js";
import { nameKey } from "./tables.js";

/**
 * Records as JSON. All record tables share one table of the engine: a row's key is the name of a token, or
 * for every other table `\0 table \0 name`. Names of tokens are hashes and never begin with `\0`.
 *
 * @throws TypeError for a table whose name holds other characters than `[a-z0-9-]`
 */
export function jsonRecords(session: Session, table: string): RecordTable {
  if (!/^[a-z0-9-]{1,64}$/.test(table))
    throw new TypeError(`"${table}" cannot be the name of a record table`);
  const rows = session.environment.tables.records;
  const prefix = table === "tokens" ? "" : `\0${table}\0`;
  const range = prefix === "" ? { start: nameKey("\x01") } : rangeOf(prefix);
  const keyOf = (name: string) => nameKey(prefix + name);
  return {
    get(name) {
      session.beginRead();
      const bytes = readRow(rows, keyOf(name), `The record ${JSON.stringify(name)}`);
      return bytes === undefined ? null : parse(bytes);
    },

    async put(name, record) {
      const bytes = Buffer.from(JSON.stringify(record));
      await session.write(() => putRow(rows, keyOf(name), bytes), bytes.length);
    },

    delete: (name) =>
      session.write(() => {
        if (rows.getBinaryFast(keyOf(name)) === undefined) return false;
        rows.removeSync(keyOf(name));
        return true;
      }),

    list() {
      session.beginRead();
      return Array.from(rows.getRange(range), ({ key, value }) => {
        const bytes = payloadOf(key, value);
        const name = Buffer.from(key).toString().slice(prefix.length);
        return { name, record: bytes === null ? null : parse(bytes) };
      });
    },
  };
}

/** For messages: what a row is, by its key. */
export function nameOfRecord(key: Buffer): string {
  const [, table, ...name] = key.toString().split("\0");
  return table === undefined
    ? `The token ${key}`
    : `The record ${JSON.stringify(name.join("\0"))} of the table "${table}"`;
}

function rangeOf(prefix: string) {
  const start = nameKey(prefix);
  return { start, end: successorOfPrefix(start) };
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}
