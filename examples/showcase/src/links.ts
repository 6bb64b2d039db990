import type { KVNamespace } from "@kvasir/client";

/**
 * A short link. The value of one key is its target, and a counter under another key is its number of visits.
 */
export interface Link {
  readonly slug: string;
  readonly target: string;
  readonly visits: number;
}

/** Stored as metadata, so that list() can show it without reading the value. */
interface LinkMetadata {
  readonly createdMs: number;
}

const SLUG = /^[a-z0-9-]{1,32}$/;
const TTL_SECONDS_MIN = 60;

/** The links in a namespace: `link:<slug>` holds the target, `visits:<slug>` the count. */
export class Links {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  /**
   * Returns `null` if the slug is taken. The store decides that with `ifAbsent`, also for concurrent
   * requests.
   */
  async create(options: { target: string; slug?: string; expirationTtl?: number }): Promise<Link | null> {
    const { target, slug = randomSlug(), expirationTtl } = options;
    const metadata: LinkMetadata = { createdMs: Date.now() };
    const { ok } = await this.#kv.put(`link:${slug}`, target, { ifAbsent: true, metadata, expirationTtl });
    return ok ? { slug, target, visits: 0 } : null;
  }

  /** Returns the target and counts the visit. */
  async follow(slug: string): Promise<string | null> {
    const target = await this.#kv.get(`link:${slug}`);
    // Concurrent visits are all counted, because increment() is a single operation of the store.
    if (target !== null) await this.#kv.increment(`visits:${slug}`);
    return target;
  }

  async find(slug: string): Promise<Link | null> {
    const found = await this.#kv.get([`link:${slug}`, `visits:${slug}`]);
    const target = found.get(`link:${slug}`) ?? null;
    if (target === null) return null;
    return { slug, target, visits: Number(found.get(`visits:${slug}`) ?? 0) };
  }

  /** Returns one page in the order of slugs, and the cursor of the next page. */
  async list(cursor?: string): Promise<{ links: Link[]; cursor: string | null }> {
    const page = await this.#kv.list<LinkMetadata>({ prefix: "link:", limit: 50, cursor });
    const links = await Promise.all(page.keys.map(({ name }) => this.find(name.slice("link:".length))));
    return {
      links: links.filter((link) => link !== null),
      cursor: page.list_complete ? null : page.cursor,
    };
  }

  /** Deletes both keys or none. */
  async remove(slug: string): Promise<void> {
    await this.#kv.atomic().delete(`link:${slug}`).delete(`visits:${slug}`).commit();
  }
}

/** Parses the body of a request, or returns the reason why it is invalid. */
export function parseNewLink(
  body: unknown,
): { target: string; slug?: string; expirationTtl?: number } | string {
  const { url, slug, ttl } = (body ?? {}) as { url?: unknown; slug?: unknown; ttl?: unknown };
  if (typeof url !== "string" || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    return '"url" must be an http or https address';
  }
  if (slug !== undefined && (typeof slug !== "string" || !SLUG.test(slug))) {
    return '"slug" must be 1 to 32 characters out of a-z, 0-9 and -';
  }
  if (ttl !== undefined && !(Number.isInteger(ttl) && Number(ttl) >= TTL_SECONDS_MIN)) {
    return `"ttl" must be a number of seconds, at least ${TTL_SECONDS_MIN}`;
  }
  return {
    target: url,
    ...(slug === undefined ? {} : { slug }),
    ...(ttl === undefined ? {} : { expirationTtl: Number(ttl) }),
  };
}

/** Seven characters. The alphabet has none that are easily confused. */
function randomSlug(): string {
  const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
  const bytes = crypto.getRandomValues(new Uint8Array(7));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
