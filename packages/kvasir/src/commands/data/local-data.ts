import { namespaceSink, namespaceSource, open, shownLocator } from "@kvasir/store";
import { upgradeOptions } from "../../server/upgrade-notice.js";
import type { DataSource } from "./data-source.js";
import { localAdmin } from "./local-admin.js";

/**
 * A data directory, or data in a cluster. Other processes may have them open at the same time. `notify` is told of an
 * upgrade.
 */
export function localData(locator: string, notify: (notice: string) => void): DataSource {
  const database = open(locator, upgradeOptions(notify));
  return {
    place: shownLocator(locator),
    admin: localAdmin(database),
    namespace: (id) => database.namespaceById(id),
    async advice() {
      const { cluster, usage } = database.store.maintenance;
      // Without a cluster, usage reads every entry.
      if (cluster === undefined) return [];
      return ((await usage?.()) ?? []).flatMap(({ buckets }) => buckets?.advice ?? []);
    },
    async ensureNamespace(id, title) {
      await database.catalog.ensure(id, title);
    },
    header: (id) => database.catalog.require(id),
    source: (id) => namespaceSource(database.store, id),
    sink: (id, options) => namespaceSink(database.store, id, { ...options, clock: database.clock }),
    async deleteKeys(id, keys) {
      await database.store.entries.writeMany(
        id,
        keys.map((key) => ({ type: "delete", key })),
      );
    },
    async ensureTitle({ title, attributes }) {
      return (await database.catalog.ensureTitle(title, attributes)).id;
    },
    close: () => database.close(),
  };
}
