import type { DataAdmin } from "./data-admin.js";

/** What manages a server or a data directory: its namespaces, its API tokens, and its data as a whole. */
export interface Admin {
  readonly namespaces: NamespaceAdmin;
  readonly tokens: TokenAdmin;
  readonly data: DataAdmin;
}

export interface NamespaceInfo {
  readonly id: string;
  readonly title: string;
}

export interface NamespaceAdmin {
  /** All namespaces, ordered by title. A token that is bound to namespaces sees only those. */
  list(): Promise<readonly NamespaceInfo[]>;
  /** @throws KvError `namespace_exists` when another namespace has this title, `title_invalid` */
  create(title: string): Promise<NamespaceInfo>;
  /** @throws KvError `namespace_not_found`, `namespace_exists`, `title_invalid` */
  rename(id: string, title: string): Promise<NamespaceInfo>;
  /**
   * Deletes a namespace with all its entries.
   *
   * @throws KvError `namespace_not_found`
   */
  delete(id: string): Promise<void>;
}

/** `read` reads and lists, `write` also changes keys, `admin` also manages namespaces and tokens. */
export type TokenScope = "read" | "write" | "admin";

export interface NewToken {
  readonly scope: TokenScope;
  /** What the token is for. */
  readonly name?: string | undefined;
  /** Ids of the namespaces that the token may use. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** When the token ends, in milliseconds since the epoch. @default never */
  readonly expiresMs?: number | undefined;
}

/** What is known of a token. The token itself is not stored. */
export interface TokenRecord extends NewToken {
  /** Identifies the token in {@link TokenAdmin.revoke}. */
  readonly id: string;
  readonly createdMs: number;
}

export interface CreatedToken {
  /** The token itself. Only this response contains it. */
  readonly token: string;
  readonly record: TokenRecord;
}

export interface TokenAdmin {
  /** @throws KvError `bad_request` when a scope, name, namespace or expiry is invalid */
  create(token: NewToken): Promise<CreatedToken>;
  /** Oldest first, including tokens that have expired. */
  list(): Promise<readonly TokenRecord[]>;
  /** Makes a token invalid at once. Returns whether a token with this id existed. */
  revoke(id: string): Promise<boolean>;
}
