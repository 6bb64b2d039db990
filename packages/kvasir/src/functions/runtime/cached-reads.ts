import { READ_CACHE_BYTES_MAX, READ_CACHE_VALUE_BYTES_MAX } from "../limits.js";

type ReadType = "text" | "json" | "arrayBuffer" | "stream";

/** An entry that a `cacheTtl` read found. */
export interface CachedRead {
  readonly hit: boolean;
  metadata(): unknown;
  decode(type: ReadType): unknown;
}

/** What an entry costs beside its value: objects, strings, the map's own place for it. */
const ENTRY_OVERHEAD_BYTES = 512;

// One bound for the isolate, whatever its number of namespaces. Least recently used first, as a Map keeps order.
const entries = new Map<string, CachedEntry>();
let totalBytes = 0;
let namespaces = 0;

/**
 * Reads with `cacheTtl` of one namespace, answered from the isolate's memory while they may be: no older than
 * the read allows, never past the entry's expiry, never from before a write of this isolate. Keys that are
 * missing are asked for every time.
 */
export class CachedReads {
  readonly #http: Fetcher;
  readonly #base: string;
  readonly #prefix = `${++namespaces}:`;
  /** Counts the beginnings and ends of writes: a read that one of them overlapped is not kept. */
  #writes = 0;

  constructor(http: Fetcher, base: string) {
    this.#http = http;
    this.#base = base;
  }

  /** `null`: no entry. `undefined`: ask the native binding, which words what is wrong. */
  read(
    key: unknown,
    ttlSeconds: number,
  ): CachedRead | null | undefined | Promise<CachedRead | null | undefined> {
    const name = String(key);
    const id = this.#prefix + name;
    const entry = entries.get(id);
    if (entry !== undefined) {
      const nowMs = Date.now();
      if (nowMs < entry.expirationMs && nowMs - entry.readMs < ttlSeconds * 1000) {
        entries.delete(id);
        entries.set(id, entry);
        return entry;
      }
      if (nowMs >= entry.expirationMs) forget(id);
    }
    return this.#fetch(name, id, ttlSeconds);
  }

  /** Runs a write; from its beginning on nothing older than it is answered. */
  async writing<T>(key: unknown, write: () => Promise<T>): Promise<T> {
    this.forget(key);
    try {
      return await write();
    } finally {
      this.forget(key);
    }
  }

  forget(key: unknown): void {
    this.#writes++;
    forget(this.#prefix + String(key));
  }

  forgetPrefix(prefix: string): void {
    this.#writes++;
    for (const id of entries.keys()) if (id.startsWith(this.#prefix + prefix)) forget(id);
  }

  async #fetch(key: string, id: string, ttlSeconds: number): Promise<CachedRead | null | undefined> {
    if (key === "" || key === "." || key === ".." || /\p{Surrogate}/u.test(key)) return undefined;
    const writesBefore = this.#writes;
    const readMs = Date.now();
    const response = await this.#http.fetch(
      `${this.#base}/${encodeURIComponent(key)}?urlencoded=true&cache_ttl=${ttlSeconds}`,
    );
    if (response.status === 404 || response.status === 410) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const metadata = utf8Header(response.headers.get("CF-KV-Metadata"));
    if (
      Number(response.headers.get("Content-Length") ?? Number.POSITIVE_INFINITY) > READ_CACHE_VALUE_BYTES_MAX
    ) {
      return new UncachedRead(response, metadata);
    }
    const bytes = await response.arrayBuffer();
    const expiration = response.headers.get("CF-Expiration");
    const expirationMs = expiration === null ? Number.POSITIVE_INFINITY : Number(expiration) * 1000;
    const entry = new CachedEntry(bytes, metadata, readMs, expirationMs);
    if (writesBefore === this.#writes) keep(id, entry);
    return { hit: false, metadata: () => entry.metadata(), decode: (type) => entry.decode(type) };
  }
}

class CachedEntry implements CachedRead {
  readonly hit = true;
  readonly readMs: number;
  readonly expirationMs: number;
  readonly cost: number;
  readonly #bytes: ArrayBuffer;
  readonly #metadata: string | null;
  #text: string | undefined;

  constructor(bytes: ArrayBuffer, metadata: string | null, readMs: number, expirationMs: number) {
    this.#bytes = bytes;
    this.#metadata = metadata;
    this.readMs = readMs;
    this.expirationMs = expirationMs;
    // The bytes, and the text that they may be decoded to.
    this.cost = bytes.byteLength * 3 + (metadata?.length ?? 0) * 2 + ENTRY_OVERHEAD_BYTES;
  }

  // Parsed anew for each reader: what one changes in it the next must not see.
  metadata(): unknown {
    return this.#metadata === null ? null : JSON.parse(this.#metadata);
  }

  decode(type: ReadType): unknown {
    if (type === "text") return this.#decoded();
    if (type === "json") return JSON.parse(this.#decoded());
    if (type === "arrayBuffer") return this.#bytes.slice(0);
    return new Response(this.#bytes.slice(0)).body;
  }

  #decoded(): string {
    // Workers KV keeps a byte order mark.
    this.#text ??= new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
    return this.#text;
  }
}

/** A value too large to keep. */
class UncachedRead implements CachedRead {
  readonly hit = false;
  readonly #response: Response;
  readonly #metadata: string | null;

  constructor(response: Response, metadata: string | null) {
    this.#response = response;
    this.#metadata = metadata;
  }

  metadata(): unknown {
    return this.#metadata === null ? null : JSON.parse(this.#metadata);
  }

  decode(type: ReadType): unknown {
    if (type === "stream") return this.#response.body;
    return this.#response[type]();
  }
}

function keep(id: string, entry: CachedEntry): void {
  forget(id);
  entries.set(id, entry);
  totalBytes += entry.cost;
  for (const oldest of entries.keys()) {
    if (totalBytes <= READ_CACHE_BYTES_MAX) break;
    forget(oldest);
  }
}

function forget(id: string): void {
  const entry = entries.get(id);
  if (entry === undefined) return;
  entries.delete(id);
  totalBytes -= entry.cost;
}

/** Metadata is UTF-8; workerd hands it over decoded, or with one character for each byte (by compatibility date). */
function utf8Header(value: string | null): string | null {
  if (value === null || /[^\u0020-\u00ff]/.test(value) || !/[\u0080-\u00ff]/.test(value)) return value;
  try {
    const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}
