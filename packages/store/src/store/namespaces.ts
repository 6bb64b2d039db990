import type { MaybePromise } from "@kvasir/client/namespace";

/** A separate key space. */
export interface NamespaceRecord {
  /** 32 hex digits when generated; what a config names otherwise (`[A-Za-z0-9_.-]{1,64}`). */
  readonly id: string;
  /** Unique within the store. */
  readonly title: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** What dialects remember about a namespace, for example `value_encoding`. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface NewNamespace {
  readonly id: string;
  readonly title: string;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export interface NamespaceQuery {
  /** By the bytes of the id or of the title. @default "id" */
  readonly order?: "id" | "title" | undefined;
  /** @default "asc" */
  readonly direction?: "asc" | "desc" | undefined;
  /** Namespaces to skip. @default 0 */
  readonly offset?: number | undefined;
  /** Most namespaces of the page. @default all of them */
  readonly limit?: number | undefined;
}

export interface NamespacePage<N extends NamespaceRecord = NamespaceRecord> {
  /** Empty past the end. */
  readonly namespaces: readonly N[];
  /** On all pages together. */
  readonly total: number;
}

export interface Namespaces {
  /** @throws KvError `namespace_exists` when the id or the title is taken */
  create(namespace: NewNamespace): Promise<NamespaceRecord>;
  get(id: string): MaybePromise<NamespaceRecord | null>;
  find(title: string): MaybePromise<NamespaceRecord | null>;
  list(query?: NamespaceQuery): MaybePromise<NamespacePage>;
  /** @throws KvError `namespace_not_found`, `namespace_exists` when another namespace has the title */
  rename(id: string, title: string): Promise<NamespaceRecord>;
  /**
   * The namespace is gone at once for this process, within a second for others. Its data is reclaimed in the
   * background.
   *
   * @throws KvError `namespace_not_found`
   */
  delete(id: string): Promise<void>;
}
