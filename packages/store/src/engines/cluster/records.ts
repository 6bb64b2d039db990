import type { RecordTable } from "../../store/records.js";
import type { Command } from "./connection.js";
import { recordPartition } from "./layout.js";
import { RECORD_FRESH_MS, RECORD_STALE_MS, RECORDS_CACHED_MAX } from "./limits.js";
import { Recent } from "./recent.js";
import type { Session } from "./session.js";

/**
 * Records as JSON: a hash for each table. Every request looks for its token here, and all tokens are in one slot, so
 * `get` may return what was there {@link RECORD_STALE_MS} ago, except for what this process changed since.
 *
 * @throws TypeError for a table whose name holds other characters than `[a-z0-9-]`
 */
export function clusterRecords(session: Session, table: string): RecordTable {
  if (!/^[a-z0-9-]{1,64}$/.test(table)) {
    throw new TypeError(`"${table}" cannot be the name of a record table`);
  }
  const partition = recordPartition(session.partitions, table);
  const key = `${partition.prefix}r:${table}`;
  const recent = new Recent<string | null>({
    find: async (name) => {
      const row = await session.read(partition, ["HGET", key, name]);
      return row === null ? null : String(row);
    },
    freshMs: RECORD_FRESH_MS,
    staleMs: RECORD_STALE_MS,
    valuesMax: RECORDS_CACHED_MAX,
  });
  /** Whatever comes of it: a write whose outcome is unknown may have been made. */
  const change = (name: string, command: Command) =>
    session.run(async () => {
      try {
        const [reply] = await session.write(partition, command);
        return reply;
      } finally {
        recent.forget(name);
      }
    });
  return {
    get: (name) =>
      session.run(async () => {
        const row = await recent.get(name);
        return row === null ? null : JSON.parse(row);
      }),

    put: async (name, record) => {
      await change(name, ["HSET", key, name, JSON.stringify(record)]);
    },

    delete: async (name) => (await change(name, ["HDEL", key, name])) === 1,

    list: () =>
      session.run(async () => {
        const rows = ((await session.read(partition, ["HGETALL", key])) as readonly unknown[]).map(String);
        return Array.from({ length: rows.length / 2 }, (_, at) => ({
          name: rows[2 * at] ?? "",
          record: JSON.parse(rows[2 * at + 1] ?? "null"),
        }));
      }),
  };
}
