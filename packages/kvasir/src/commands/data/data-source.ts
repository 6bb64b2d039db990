import type { Admin, KVNamespace } from "@kvasir/client/namespace";

/** What `kv` and `token` commands work on: a local data directory, data in a cluster, or a running server. */
export interface DataSource {
  /** The directory, the locator without its password, or the URL, for messages. */
  readonly place: string;
  readonly admin: Admin;
  namespace(id: string): KVNamespace;
  /** Creates a namespace that a config names. A server does this itself when it runs the config. */
  ensureNamespace(id: string, title: string): Promise<void>;
  close(): Promise<void>;
}
