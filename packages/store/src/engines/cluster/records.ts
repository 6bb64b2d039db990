import type { RecordTable } from "../../store/records.js";
import { recordPartition } from "./layout.js";
import type { Session } from "./session.js";

/**
 * Records as JSON: a hash for each table.
 *
 * @throws TypeError for a table whose name holds other characters than `[a-z0-9-]`
 */
export function clusterRecords(session: Session, table: string): RecordTable {
  if (!/^[a-z0-9-]{1,64}$/.test(table)) {
    throw new TypeError(`"${table}" cannot be the name of a record table`);
  }
  const partition = recordPartition(session.partitions, table);
  const key = `${partition.prefix}r:${table}`;
  return {
    get: (name) =>
      session.run(async () => {
        const row = await session.read(partition, ["HGET", key, name]);
        return row === null ? null : JSON.parse(String(row));
      }),

    put: (name, record) =>
      session.run(async () => {
        await session.write(partition, ["HSET", key, name, JSON.stringify(record)]);
      }),

    delete: (name) =>
      session.run(async () => {
        const [removed] = await session.write(partition, ["HDEL", key, name]);
        return removed === 1;
      }),

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
