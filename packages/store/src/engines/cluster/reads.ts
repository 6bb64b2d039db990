import type { Entries } from "../../store/entries.js";
import type { Entry } from "../../store/entry.js";
import { type Buckets, bucketOf, groupByBucket } from "./buckets.js";
import { decodeEntry, isLive } from "./entry-codec.js";
import type { Bucket } from "./layout.js";
import { lexRange } from "./lex-range.js";
import { mergeLists } from "./list-merge.js";
import { COUNT } from "./read-scripts.js";
import { readRows } from "./rows.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { storedValue } from "./staging.js";

type Reads = Pick<Entries, "get" | "getMany" | "list" | "count">;

export function clusterReads(session: Session, buckets: Buckets): Reads {
  /** An entry as it came from the cluster; `null` when it has expired. */
  function entryOf(bucket: Bucket, bytes: unknown, nowMs: number): Entry | null {
    if (!Buffer.isBuffer(bytes) || !isLive(bytes, nowMs)) return null;
    const stored = decodeEntry(bytes);
    const { version, expirationMs, metadata, contentType } = stored;
    return { version, expirationMs, metadata, contentType, value: storedValue(session, bucket, stored) };
  }

  return {
    get: (id, key) =>
      buckets.within(id, async (namespace) => {
        const bucket = bucketOf(namespace, key);
        const [bytes] = await readRows(session, bucket, [key]);
        return entryOf(bucket, bytes, session.nowMs());
      }),

    getMany: (id, keys) =>
      buckets.within(id, async (namespace) => {
        const entries: (Entry | null)[] = new Array(keys.length).fill(null);
        const groups = groupByBucket(namespace, keys, (key) => key);
        await Promise.all(
          [...groups].map(async ([bucket, numbers]) => {
            const own = numbers.map((at) => keys[at] as string);
            const rows = await readRows(session, bucket, own);
            const nowMs = session.nowMs();
            for (const [at, bytes] of rows.entries()) {
              entries[numbers[at] as number] = entryOf(bucket, bytes, nowMs);
            }
          }),
        );
        return entries;
      }),

    list: (id, query) => buckets.within(id, (namespace) => mergeLists(session, namespace, query)),

    count: (id, range) =>
      buckets.within(id, async (namespace) => {
        const { low, high } = lexRange(range);
        const counts = await Promise.all(
          namespace.buckets.map((bucket) =>
            session.read(
              bucket,
              run(
                COUNT,
                [bucket.entries, bucket.index, bucket.expiry],
                [session.time, low, high, namespace.generation],
              ),
            ),
          ),
        );
        return counts.reduce((sum: number, count) => sum + Number(count), 0);
      }),
  };
}
