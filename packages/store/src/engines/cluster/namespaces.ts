import { randomBytes } from "node:crypto";
import { KvError } from "@kvasir/client/namespace";
import { idTakenError, notFoundError, titleTakenError } from "../../store/errors.js";
import type { NamespaceQuery, NamespaceRecord, Namespaces } from "../../store/namespaces.js";
import type { Catalog, CatalogRow } from "./catalog.js";
import { CREATE_NAMESPACE, DELETE_NAMESPACE, RENAME_NAMESPACE } from "./catalog-scripts.js";
import { CATALOG_ATTEMPTS_MAX } from "./limits.js";
import { endBuckets } from "./reclaim.js";
import { run } from "./script.js";
import type { Session } from "./session.js";

export function clusterNamespaces(session: Session, catalog: Catalog): Namespaces {
  const { partition, namespaces, titles, ended } = catalog.keys;
  const keys = [namespaces, titles, partition.version];

  async function rename(id: string, title: string): Promise<NamespaceRecord> {
    for (let attempt = 0; attempt < CATALOG_ATTEMPTS_MAX; attempt++) {
      const namespace = await catalog.find(id);
      if (namespace === null) throw notFoundError(id);
      const { row, record, generation, buckets, begin } = namespace;
      const renamed = { ...record, title, modifiedMs: session.nowMs() };
      const text = JSON.stringify({ ...renamed, generation, buckets: buckets.length } satisfies CatalogRow);
      const args = [id, row, `${begin} ${text}`, record.title, title];
      const [reply] = await session.write(partition, run(RENAME_NAMESPACE, keys, args));
      catalog.forget(id);
      if (String(reply) === "title") throw titleTakenError(title);
      if (String(reply) === "done") return renamed;
    }
    throw new KvError("unavailable", `The namespace ${id} is being changed by others all the time.`, {
      hint: "Try again.",
    });
  }

  return {
    create: ({ id, title, attributes = {} }) =>
      session.run(async () => {
        const nowMs = session.nowMs();
        const record = { id, title, createdMs: nowMs, modifiedMs: nowMs, attributes };
        const generation = randomBytes(9).toString("base64url");
        const row: CatalogRow = { ...record, generation, buckets: session.locator.buckets };
        const command = run(CREATE_NAMESPACE, keys, [id, title, JSON.stringify(row)]);
        const [reply] = await session.write(partition, command);
        catalog.forget(id);
        const said = String(reply);
        if (said === "id") throw idTakenError(id);
        if (said === "title") throw titleTakenError(title);
        return record;
      }),

    get: (id) => session.run(async () => (await catalog.find(id))?.record ?? null),

    find: (title) =>
      session.run(async () => {
        const id = await session.read(partition, ["HGET", titles, title]);
        const found = id === null ? null : await catalog.find(String(id));
        // Renamed between the two reads.
        return found?.record.title === title ? found.record : null;
      }),

    list: (query = {}) =>
      session.run(async () =>
        pageOf(
          (await catalog.all()).map(({ record }) => record),
          query,
        ),
      ),

    rename: (id, title) => session.run(() => rename(id, title)),

    delete: (id) =>
      session.run(async () => {
        catalog.forget(id);
        // One script without a read before it: a creation that is submitted next comes after it.
        const [row] = await session.write(partition, run(DELETE_NAMESPACE, [...keys, ended], [id]));
        catalog.forget(id);
        if (row === null || row === undefined) throw notFoundError(id);
        // Now, so that other nodes that still know the namespace write nothing more to it. What fails here,
        // because a shard is away, is done by the sweeper.
        await endBuckets(session, catalog.parse(String(row))).catch(() => {});
      }),
  };
}

function pageOf(records: NamespaceRecord[], query: NamespaceQuery) {
  const { order = "id", direction = "asc", offset = 0, limit = records.length } = query;
  const sign = direction === "asc" ? 1 : -1;
  const sorted = records
    .map((record) => ({ record, by: Buffer.from(record[order]) }))
    .sort((a, b) => sign * a.by.compare(b.by))
    .map(({ record }) => record);
  return { namespaces: sorted.slice(offset, offset + limit), total: records.length };
}
