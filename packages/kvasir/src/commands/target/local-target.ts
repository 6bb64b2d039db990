import { KvError, TTL_SECONDS_MIN } from "@kvasir/client/namespace";
import { type Database, type Entry, Namespace, open } from "@kvasir/store";
import {
  type CreatedToken,
  createToken,
  listTokens,
  revokeToken,
  type TokenRecord,
} from "../../api/auth/tokens.js";
import { noSuchNamespace, titleTaken } from "./namespace-failures.js";
import type { BulkEntry, EntryOptions, ListedKey, NamespaceSummary, NewToken, Target } from "./target.js";

/** A data directory, opened beside whatever else has it open. */
export class LocalTarget implements Target {
  readonly place: string;
  readonly #database: Database;

  private constructor(place: string, database: Database) {
    this.place = place;
    this.#database = database;
  }

  static async open(directory: string): Promise<LocalTarget> {
    return new LocalTarget(directory, await open(directory));
  }

  async listNamespaces(): Promise<readonly NamespaceSummary[]> {
    const { namespaces } = await this.#database.catalog.list({ order: "title" });
    return namespaces.map(summaryOf);
  }

  async createNamespace(title: string): Promise<NamespaceSummary> {
    return summaryOf(await titled(title, () => this.#database.catalog.create(title)));
  }

  async renameNamespace(id: string, title: string): Promise<NamespaceSummary> {
    await this.#namespace(id);
    return summaryOf(await titled(title, () => this.#database.catalog.rename(id, title)));
  }

  async deleteNamespace(id: string): Promise<void> {
    await this.#namespace(id);
    await this.#database.catalog.delete(id);
  }

  async ensureNamespace(id: string, title: string): Promise<void> {
    await this.#database.catalog.ensure(id, title);
  }

  async read(namespace: string, key: string) {
    const entry = await (await this.#namespace(namespace)).read(key);
    if (entry === null) return null;
    return entry.value instanceof Uint8Array ? [entry.value] : entry.value.parts();
  }

  async readMany(namespace: string, keys: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const entries = await (await this.#namespace(namespace)).readMany(keys);
    const texts = new Map<string, string | null>();
    for (const key of keys) texts.set(key, await textOf(entries.get(key) ?? null));
    return texts;
  }

  async write(namespace: string, key: string, value: Uint8Array, options: EntryOptions): Promise<void> {
    await (await this.#namespace(namespace)).put(key, value, writeOptionsOf(options));
  }

  async writeMany(namespace: string, entries: readonly BulkEntry[]): Promise<void> {
    const items = entries.map((entry) => ({
      key: entry.key,
      value: entry.base64 === true ? Buffer.from(entry.value, "base64") : entry.value,
      ...writeOptionsOf(entry),
    }));
    await (await this.#namespace(namespace)).writeMany(items);
  }

  async delete(namespace: string, key: string): Promise<void> {
    await (await this.#namespace(namespace)).delete(key);
  }

  async deleteMany(namespace: string, keys: readonly string[]): Promise<void> {
    await (await this.#namespace(namespace)).deleteMany(keys);
  }

  async *listKeys(id: string, prefix: string): AsyncIterable<readonly ListedKey[]> {
    const namespace = await this.#namespace(id);
    let cursor: string | undefined;
    do {
      const page = await namespace.page({ prefix, cursor });
      yield page.keys.map(({ name, expiration, metadata }) => ({
        name,
        ...(expiration === undefined ? {} : { expiration }),
        ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as unknown }),
      }));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  async createToken(token: NewToken): Promise<CreatedToken> {
    return await createToken(this.#database.store, token);
  }

  async listTokens(): Promise<readonly TokenRecord[]> {
    return await listTokens(this.#database.store);
  }

  async revokeToken(id: string): Promise<boolean> {
    return await revokeToken(this.#database.store, id);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async #namespace(id: string): Promise<Namespace> {
    const { store, clock, catalog } = this.#database;
    if ((await catalog.get(id)) === null) throw noSuchNamespace(id);
    // The rules of the Cloudflare dialect, so that a directory and a server answer alike.
    return new Namespace(store, id, { clock, rules: { ttlSecondsMin: TTL_SECONDS_MIN } });
  }
}

function summaryOf({ id, title }: NamespaceSummary): NamespaceSummary {
  return { id, title };
}

async function titled<T>(title: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof KvError && error.code === "namespace_exists") throw titleTaken(title, error);
    throw error;
  }
}

function writeOptionsOf({ expiration, expirationTtl, metadata }: EntryOptions) {
  return {
    expiration,
    expirationTtl,
    metadata: metadata === undefined || metadata === null ? undefined : JSON.stringify(metadata),
  };
}

async function textOf(entry: Entry | null): Promise<string | null> {
  if (entry === null) return null;
  if (entry.value instanceof Uint8Array) return Buffer.from(entry.value).toString("utf8");
  const parts = [];
  for await (const part of entry.value.parts()) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
