import type { Admin, NamespaceInfo } from "@kvasir/client/namespace";
import type { Database } from "@kvasir/store";
import { createToken, listTokens, revokeToken } from "../../api/auth/tokens.js";

/** Manages a database in this process, as `connectAdmin()` manages a server. */
export function localAdmin({ catalog, store }: Database): Pick<Admin, "namespaces" | "tokens"> {
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
  };
}

function infoOf({ id, title }: NamespaceInfo): NamespaceInfo {
  return { id, title };
}
