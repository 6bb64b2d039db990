import { type Admin, KvError, type NamespaceInfo } from "@kvasir/client/namespace";
import type { Database } from "@kvasir/store";
import { createToken, listTokens, revokeToken } from "../../api/auth/tokens.js";

/** Manages a database in this process, as `connectAdmin()` manages a server. */
export function localAdmin({ catalog, store }: Database): Omit<Admin, "transfer"> {
  return {
    namespaces: {
      async list() {
        return (await catalog.list({ order: "title" })).namespaces.map(infoOf);
      },
      async create(title) {
        return infoOf(await catalog.create(title));
      },
      async rename(id, title) {
        return infoOf(await catalog.rename(id, title));
      },
      delete: (id) => catalog.delete(id),
    },
    tokens: {
      create: (token) => createToken(store, token),
      list: () => listTokens(store),
      revoke: (id) => revokeToken(store, id),
    },
    data: {
      async snapshot() {
        const { snapshot } = store.maintenance;
        if (snapshot !== undefined) return snapshot();
        throw new KvError(
          "unsupported",
          "These data are in no file of their own, so they cannot be backed up here.",
          {
            hint: "Back up the database that holds them, or export the namespaces.",
          },
        );
      },
      async check() {
        const { check } = store.maintenance;
        if (check !== undefined) return await check();
        throw new KvError("unsupported", "These data cannot be checked from here.", {
          hint: "Check the database that holds them.",
        });
      },
    },
  };
}

function infoOf({ id, title }: NamespaceInfo): NamespaceInfo {
  return { id, title };
}
