import { open, shownLocator } from "@kvasir/store";
import type { DataSource } from "./data-source.js";
import { localAdmin } from "./local-admin.js";

/** A data directory, or data in a cluster. Other processes may have them open at the same time. */
export function localData(locator: string): DataSource {
  const database = open(locator);
  return {
    place: shownLocator(locator),
    admin: localAdmin(database),
    namespace: (id) => database.namespaceById(id),
    async ensureNamespace(id, title) {
      await database.catalog.ensure(id, title);
    },
    close: () => database.close(),
  };
}
