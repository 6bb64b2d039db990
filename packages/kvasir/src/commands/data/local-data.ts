import { open } from "@kvasir/store";
import type { DataSource } from "./data-source.js";
import { localAdmin } from "./local-admin.js";

/** A data directory. Other processes may have it open at the same time. */
export function localData(directory: string): DataSource {
  const database = open(directory);
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
