import { KvError } from "@kvasir/client/namespace";
import type { PortableEntry } from "@kvasir/store";
import { base64Length, bulkBody, bulkParts, expirationSeconds } from "./bulk-body.js";
import { lastsLongEnough } from "./lifetime.js";
import { BULK_VALUE_LENGTH_MAX, SEARCH_REQUESTS_MAX, UNSUCCESSFUL_RETRIES_MAX } from "./limits.js";
import type { NamespaceAddress } from "./listed-keys.js";
import { namespacesPath } from "./namespaces.js";
import type { CloudflareRequester } from "./requester.js";

/** An entry that was not written. Without an error it expires too soon. */
export interface UnwrittenEntry {
  readonly entry: PortableEntry;
  readonly error?: KvError;
}

/** Why the API refuses a request for what is in it, and not for who sends it. */
const REFUSING: ReadonlySet<string> = new Set(["bad_request", "payload_too_large"]);

/**
 * Writes entries in bulk. What a bulk write cannot carry goes in a request of its own: a value whose base64
 * is longer than 25 MiB, and the metadata `null`, which a bulk write takes for none.
 */
export class BulkWriter {
  readonly #requester: CloudflareRequester;
  readonly #address: NamespaceAddress;
  readonly #path: string;

  constructor(requester: CloudflareRequester, { account, namespace }: NamespaceAddress) {
    this.#requester = requester;
    this.#address = { account, namespace };
    this.#path = namespacesPath(account, namespace);
  }

  /** @returns the entries that were not written */
  async write(entries: readonly PortableEntry[]): Promise<readonly UnwrittenEntry[]> {
    const alone = entries.filter(needsOwnRequest);
    const together = alone.length === 0 ? entries : entries.filter((entry) => !needsOwnRequest(entry));
    const unwritten = await Promise.all([
      ...Array.from(bulkParts(together), (part) => this.#bulk(part, { left: SEARCH_REQUESTS_MAX })),
      ...alone.map((entry) => this.#single(entry)),
    ]);
    return unwritten.flat();
  }

  /**
   * A bulk write is refused as a whole for one bad pair, without saying which. So a refused one is halved
   * until the pair is found, within a bound of requests.
   */
  async #bulk(
    entries: readonly PortableEntry[],
    search: { left: number },
  ): Promise<readonly UnwrittenEntry[]> {
    try {
      return await this.#bulkWithRetries(entries);
    } catch (error) {
      if (!(error instanceof KvError && REFUSING.has(error.code)) || search.left <= 0) throw error;
      const [entry] = entries;
      if (entries.length === 1 && entry !== undefined) return [this.#unwritten(entry, error)];
      search.left -= 2;
      const half = Math.ceil(entries.length / 2);
      const first = await this.#bulk(entries.slice(0, half), search);
      return [...first, ...(await this.#bulk(entries.slice(half), search))];
    }
  }

  async #bulkWithRetries(entries: readonly PortableEntry[]): Promise<readonly UnwrittenEntry[]> {
    let rest = entries;
    for (let attempt = 0; ; attempt++) {
      const { sent, failedKeys } = await this.#bulkOnce(rest);
      const unsuccessful = sent.filter(({ key }) => failedKeys.has(key));
      const expired = sent.length === rest.length ? [] : without(rest, sent);
      if (unsuccessful.length === 0) return expired;
      if (attempt === UNSUCCESSFUL_RETRIES_MAX) {
        return [...expired, ...unsuccessful.map((entry) => ({ entry, error: notWritten() }))];
      }
      rest = unsuccessful;
    }
  }

  async #bulkOnce(entries: readonly PortableEntry[]) {
    let sent = entries;
    const { result } = await this.#requester.envelope({
      ...this.#address,
      method: "PUT",
      path: `${this.#path}/bulk`,
      contentType: "application/json",
      body: () => {
        // The request may have waited for minutes.
        const nowMs = this.#requester.nowMs();
        sent = entries.filter((entry) => lastsLongEnough(entry, nowMs));
        return bulkBody(sent);
      },
      bodyBytes: entries.reduce((bytes, { value }) => bytes + base64Length(value.byteLength), 0),
    });
    const { unsuccessful_keys: failed } = (result ?? {}) as { unsuccessful_keys?: unknown };
    return { sent, failedKeys: new Set(Array.isArray(failed) ? failed.map(String) : []) };
  }

  async #single(entry: PortableEntry): Promise<readonly UnwrittenEntry[]> {
    const { key, value, expirationMs, metadata } = entry;
    const query = expirationMs === null ? "" : `?expiration=${expirationSeconds(expirationMs)}`;
    try {
      await this.#requester.envelope({
        ...this.#address,
        method: "PUT",
        path: `${this.#path}/values/${encodeURIComponent(key)}${query}`,
        ...(metadata === null && { contentType: "application/octet-stream" }),
        body: () => (metadata === null ? plainBody(value) : form(value, metadata)),
        bodyBytes: value.byteLength,
      });
      return [];
    } catch (error) {
      if (!(error instanceof KvError && REFUSING.has(error.code))) throw error;
      return [this.#unwritten(entry, error)];
    }
  }

  #unwritten(entry: PortableEntry, error: KvError): UnwrittenEntry {
    return lastsLongEnough(entry, this.#requester.nowMs()) ? { entry, error } : { entry };
  }
}

function without(entries: readonly PortableEntry[], sent: readonly PortableEntry[]): UnwrittenEntry[] {
  const known = new Set(sent);
  return entries.filter((entry) => !known.has(entry)).map((entry) => ({ entry }));
}

function needsOwnRequest({ value, metadata }: PortableEntry): boolean {
  return metadata === "null" || base64Length(value.byteLength) > BULK_VALUE_LENGTH_MAX;
}

function plainBody(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value);
}

function form(value: Uint8Array, metadata: string): FormData {
  const body = new FormData();
  body.append("value", new Blob([plainBody(value)]));
  body.append("metadata", metadata);
  return body;
}

function notWritten(): KvError {
  return new KvError("unavailable", "Cloudflare says again and again that it has not written this key", {
    hint: "Try again later.",
  });
}
