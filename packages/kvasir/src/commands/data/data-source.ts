import type { Admin, KVNamespace } from "@kvasir/client/namespace";
import type { EntrySink, EntrySource, NamespaceHeader, SinkOptions } from "@kvasir/store";

/** What `kv` and `token` commands work on: a local data directory, data in a cluster, or a running server. */
export interface DataSource {
  /** The directory, the locator without its password, or the URL, for messages. */
  readonly place: string;
  readonly admin: Omit<Admin, "transfer">;
  namespace(id: string): KVNamespace;
  /** A sentence for each namespace in a cluster that should be copied to one with more buckets. */
  advice(): Promise<readonly string[]>;
  /** Creates a namespace that a config names. A server does this itself when it runs the config. */
  ensureNamespace(id: string, title: string): Promise<void>;
  /** What the first line of an export says of a namespace. @throws KvError `namespace_not_found` */
  header(id: string): Promise<NamespaceHeader>;
  source(id: string): EntrySource;
  sink(id: string, options?: SinkOptions): EntrySink;
  /** Deletes the entries with these valid keys. Each delete is atomic, all of them together are not. */
  deleteKeys(id: string, keys: readonly string[]): Promise<void>;
  /** The id of the namespace with this title, which is created if it is missing. */
  ensureTitle(namespace: Pick<NamespaceHeader, "title" | "attributes">): Promise<string>;
  close(): Promise<void>;
}
