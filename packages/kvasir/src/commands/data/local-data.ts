import { namespaceSink, namespaceSource, open } from "@kvasir/store";
import { upgradeOptions } from "../../server/upgrade-notice.js";
import type { DataSource } from "./data-source.js";
import { localAdmin } from "./local-admin.js";

/** A data directory. Other processes may have it open at the same time. `notify` is told of an upgrade. */
export function localData(directory: string, notify: (notice: string) => void): DataSource {
  const database = open(directory, upgradeOptions(notify));
  return {
    place: directory,
    admin: localAdmin(database),
    namespace: (id) => database.namespaceById(id),
    async ensureNamespace(id, title) {
      await database.catalog.ensure(id, title);
    },
    header: (id) => database.catalog.require(id),
    source: (id) => namespaceSource(database.store, id),
    sink: (id, options) => namespaceSink(database.store, id, { ...options, clock: database.clock }),
    async ensureTitle({ title, attributes }) {
      return (await database.catalog.ensureTitle(title, attributes)).id;
    },
    close: () => database.close(),
  };
}
