import { open } from "@kvasir/store";
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
    close: () => database.close(),
  };
}
