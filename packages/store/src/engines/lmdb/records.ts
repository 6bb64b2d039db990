import type { RecordTable } from "../../store/records.js";
import { successorOfPrefix } from "./keys.js";
import { payloadOf, putRow, readRow } from "./rows.js";
import type { Session } from "./session.js";
import { nameKey, type Table } from "./tables.js";

/** Where the records of one table lie: rows of `table` whose key is `prefix` and the record's name. */
interface Place {
  readonly table: Table;
  readonly prefix: string;
}

/** Ends the name of a record table in a key. */
const SEPARATOR = "\0";

/**
 * Records as JSON under their names.
 *
 * @throws TypeError for a table whose name holds other characters than `[a-z0-9-]`
 */
export function jsonRecords(session: Session, name: string): RecordTable {
  if (!/^[a-z0-9-]{1,64}$/.test(name)) throw new TypeError(`"${name}" cannot be the name of a record table`);
  const { table, prefix } = placeOf(session, name);
  const keyOf = (record: string) => nameKey(prefix + record);
  return {
    get(record) {
      session.beginRead();
      const bytes = readRow(table, keyOf(record), `The record ${JSON.stringify(record)}`);
      return bytes === undefined ? null : parse(bytes);
    },

    async put(record, value) {
      const bytes = Buffer.from(JSON.stringify(value));
      await session.write(() => putRow(table, keyOf(record), bytes), bytes.length);
    },

    delete: (record) =>
      session.write(() => {
        if (table.getBinaryFast(keyOf(record)) === undefined) return false;
        table.removeSync(keyOf(record));
        return true;
      }),

    list() {
      session.beginRead();
      const start = nameKey(prefix);
      const range = prefix === "" ? {} : { start, end: successorOfPrefix(start) };
      return Array.from(table.getRange(range), ({ key, value }) => {
        const bytes = payloadOf(key, value);
        const record = Buffer.from(key).toString().slice(prefix.length);
        return { name: record, record: bytes === null ? null : parse(bytes) };
      });
    },
  };
}

/** For messages: what a row of the shared table is. */
export function nameOfSharedRecord(key: Buffer): string {
  const [table, ...name] = key.toString().split(SEPARATOR);
  return `The record ${JSON.stringify(name.join(SEPARATOR))} of "${table}"`;
}

/** Tokens have had a table of their own since format 1. All others share one. */
function placeOf(session: Session, name: string): Place {
  const { tables } = session.environment;
  return name === "tokens"
    ? { table: tables.tokens, prefix: "" }
    : { table: tables.records, prefix: name + SEPARATOR };
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}
