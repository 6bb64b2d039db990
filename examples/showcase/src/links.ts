import type { KVNamespace } from "@kvasir/client";

/** A short link. Its target is the value of one key, its visits are a counter under another. */
export interface Link {
  readonly slug: string;
  readonly target: string;
  readonly visits: number;
}

/** What list() shows of a link without reading its value. */
interface LinkMetadata {
  readonly createdMs: number;
}

const SLUG = /^[a-z0-9-]{1,32}$/;
const TTL_SECONDS_MIN = 60;

/** The links of a namespace: `link:<slug>` holds the target, `visits:<slug>` the count. */
export class Links {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace) {
    this.#kv = kv;
  }

  /** `null` when the slug is taken: `ifAbsent` decides that in the store, however many ask at once. */
  async create(options: { target: string; slug?: string; expirationTtl?: number }): Promise<Link | null> {
    const { target, slug = randomSlug(), expirationTtl } = options;
    const metadata: LinkMetadata = { createdMs: Date.now() };
    const { ok } = await this.#kv.put(`link:${slug}`, target, { ifAbsent: true, metadata, expirationTtl });
    return ok ? { slug, target, visits: 0 } : null;
  }

  /** The target, with the visit counted. */
  async follow(slug: string): Promise<string | null> {
    const target = await this.#kv.get(`link:${slug}`);
    // Two visits at once both count: increment() is one operation of the store.
    if (target !== null) await this.#kv.increment(`visits:${slug}`);
    return target;
  }

  async find(slug: string): Promise<Link | null> {
    const found = await this.#kv.get([`link:${slug}`, `visits:${slug}`]);
    const target = found.get(`link:${slug}`) ?? null;
    if (target === null) return null;
    return { slug, target, visits: Number(found.get(`visits:${slug}`) ?? 0) };
  }

  /** One page in order of slug, with the cursor of the next. */
  async list(cursor?: string): Promise<{ links: Link[]; cursor: string | null }> {
    const page = await this.#kv.list<LinkMetadata>({ prefix: "link:", limit: 50, cursor });
    const links = await Promise.all(page.keys.map(({ name }) => this.find(name.slice("link:".length))));
    return {
      links: links.filter((link) => link !== null),
      cursor: page.list_complete ? null : page.cursor,
    };
  }

  /** Both keys or neither. */
  async remove(slug: string): Promise<void> {
    await this.#kv.atomic().delete(`link:${slug}`).delete(`visits:${slug}`).commit();
  }
}

/** What a request may ask for, or why it may not. */
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

/** Seven characters without those that people mix up. */
function randomSlug(): string {
  const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
  const bytes = crypto.getRandomValues(new Uint8Array(7));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
