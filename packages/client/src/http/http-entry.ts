import type { StoredEntry } from "../namespace/backend.js";
import { KvError } from "../namespace/errors.js";
import type { Answer } from "./requester.js";
import { CACHE_STATUS_HEADER, METADATA_HEADER, VERSION_HEADER } from "./wire-names.js";

/** An entry as a GET answered it, its value still on the way. */
export class HttpEntry implements StoredEntry {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  get metadata(): string | null {
    const text = this.#answer.response.headers.get(METADATA_HEADER);
    return text === null ? null : utf8Header(text);
  }

  get version(): number | null {
    return versionOf(this.#answer.response);
  }

  get cacheStatus(): string | null {
    return this.#answer.response.headers.get(CACHE_STATUS_HEADER);
  }

  async text(): Promise<string> {
    // Not Response.text(): that drops a byte order mark, which is part of the value.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.bytes());
  }

  async bytes(): Promise<ArrayBuffer> {
    try {
      return await this.#answer.response.arrayBuffer();
    } catch (cause) {
      if (cause instanceof KvError) throw cause;
      throw new KvError("unavailable", "The value was cut off on its way", { cause });
    } finally {
      this.#answer.settle();
    }
  }

  stream(): ReadableStream<Uint8Array> {
    this.#answer.settle();
    return this.#answer.response.body ?? new Blob([]).stream();
  }

  discard(): void {
    this.#answer.settle();
    this.#answer.response.body?.cancel().catch(() => {});
  }
}

/** The version that an answer's `ETag` names. */
export function versionOf(response: Response): number | null {
  const tag = /^(?:W\/)?"(\d+)"$/.exec(response.headers.get(VERSION_HEADER) ?? "");
  return tag ? Number(tag[1]) : null;
}

/** A header value that is raw UTF-8 arrives with each byte as one character in most runtimes, decoded in others. */
function utf8Header(value: string): string {
  if (!/[^\x20-\x7e]/.test(value) || /[^\x20-\xff]/.test(value)) return value;
  try {
    const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}
