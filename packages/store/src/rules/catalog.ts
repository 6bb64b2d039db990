import { randomBytes } from "node:crypto";
import type { MaybePromise } from "@kvasir/client/namespace";
import { KvError } from "@kvasir/client/namespace";
import type { NamespacePage, NamespaceRecord, Namespaces } from "../store/namespaces.js";
import { TITLE_LENGTH_MAX } from "./limits.js";

export interface CreateNamespaceOptions {
  /** `[A-Za-z0-9_.-]{1,64}`. @default 128 random bits as 32 hex digits */
  readonly id?: string | undefined;
  /** What a dialect stores with the namespace. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export interface ListNamespacesOptions {
  /** @default "id" */
  readonly order?: "id" | "title" | undefined;
  /** @default "asc" */
  readonly direction?: "asc" | "desc" | undefined;
  /** Starts at 1. @default 1 */
  readonly page?: number | undefined;
  /** Namespaces per page. @default all of them */
  readonly perPage?: number | undefined;
  /** Only namespaces with these ids. @default all of them */
  readonly among?: ReadonlySet<string> | undefined;
}

/** The namespaces of a store. Dialects and the CLI use it to create, find, list and remove them. */
export class Catalog {
  readonly #namespaces: Namespaces;

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  /**
   * @throws KvError `title_invalid`, `bad_request` for an invalid id, `namespace_exists` if the title or id
   * is taken
   */
  async create(title: string, options: CreateNamespaceOptions = {}): Promise<NamespaceRecord> {
    checkTitle(title);
    const id = options.id ?? generateId();
    checkId(id);
    return this.#namespaces.create({ id, title, attributes: options.attributes });
  }

  get(id: string): MaybePromise<NamespaceRecord | null> {
    return this.#namespaces.get(id);
  }

  /** @throws KvError `namespace_not_found` */
  async require(id: string): Promise<NamespaceRecord> {
    const namespace = await this.#namespaces.get(id);
    if (namespace === null) throw new KvError("namespace_not_found", "There is no namespace with this id");
    return namespace;
  }

  find(title: string): MaybePromise<NamespaceRecord | null> {
    return this.#namespaces.find(title);
  }

  async list(options: ListNamespacesOptions = {}): Promise<NamespacePage> {
    const { order = "id", direction = "asc", page = 1, perPage, among } = options;
    const offset = perPage === undefined ? 0 : (page - 1) * perPage;
    if (among === undefined) return this.#namespaces.list({ order, direction, offset, limit: perPage });
    const found = await Promise.all(Array.from(among, (id) => this.#namespaces.get(id)));
    const sign = direction === "asc" ? 1 : -1;
    const namespaces = found
      .filter((namespace) => namespace !== null)
      .sort((a, b) => sign * Buffer.compare(Buffer.from(a[order]), Buffer.from(b[order])));
    return {
      namespaces: namespaces.slice(offset, offset + (perPage ?? namespaces.length)),
      total: namespaces.length,
    };
  }

  /**
   * @throws KvError `namespace_not_found`, `title_invalid`, `namespace_exists` if another namespace has the
   * title
   */
  async rename(id: string, title: string): Promise<NamespaceRecord> {
    checkTitle(title);
    return this.#namespaces.rename(id, title);
  }

  /**
   * Removes a namespace and everything in it.
   *
   * @throws KvError `namespace_not_found`
   */
  async delete(id: string): Promise<void> {
    await this.#namespaces.delete(id);
  }

  /**
   * Returns the namespace with this id, and creates it if it does not exist. Safe if several processes call
   * it at once. If another namespace has the title already, the id is appended to the new one's title.
   *
   * @param attributes Used only for a new namespace; an existing one keeps its own.
   */
  async ensure(
    id: string,
    title: string,
    attributes?: Readonly<Record<string, string>>,
  ): Promise<NamespaceRecord> {
    for (const candidate of [title, `${title.slice(0, TITLE_LENGTH_MAX - id.length - 3)} (${id})`]) {
      const found = (await this.get(id)) ?? (await this.#createUnlessTaken(candidate, { id, attributes }));
      if (found !== null) return found;
    }
    // Either another process has created it meanwhile, or other namespaces have both titles.
    const found = await this.get(id);
    return found ?? this.create(`${id}-${generateId()}`, { id, attributes });
  }

  /**
   * Returns the namespace with this title, and creates it, with a generated id, if it does not exist.
   *
   * @param attributes Used only for a new namespace.
   */
  async ensureTitle(title: string, attributes?: Readonly<Record<string, string>>): Promise<NamespaceRecord> {
    const found = (await this.find(title)) ?? (await this.#createUnlessTaken(title, { attributes }));
    if (found !== null) return found;
    // Another process was faster.
    const theirs = await this.find(title);
    if (theirs !== null) return theirs;
    throw new KvError(
      "unavailable",
      `The namespace "${title}" is being created and deleted at the same time`,
    );
  }

  async #createUnlessTaken(title: string, options?: CreateNamespaceOptions): Promise<NamespaceRecord | null> {
    try {
      return await this.create(title, options);
    } catch (error) {
      if (error instanceof KvError && error.code === "namespace_exists") return null;
      throw error;
    }
  }
}

function checkTitle(title: string): void {
  if (title === "") throw new KvError("title_invalid", "A namespace needs a title that is not empty");
  if (title.length > TITLE_LENGTH_MAX) {
    throw new KvError(
      "title_invalid",
      `Title length of ${title.length} exceeds limit of ${TITLE_LENGTH_MAX}`,
    );
  }
}

function checkId(id: string): void {
  // "." and ".." cannot be a segment of a URL, because clients resolve them.
  if (!/^[\w.-]{1,64}$/.test(id) || /^\.\.?$/.test(id)) {
    throw new KvError("bad_request", `Invalid namespace id "${id.slice(0, 64)}"`, {
      hint: "An id has 1 to 64 characters out of A-Z, a-z, 0-9, underscore, dot and minus, and is neither . nor ..",
    });
  }
}

/** 128 random bits. */
function generateId(): string {
  return randomBytes(16).toString("hex");
}
