import type { MaybePromise, StoredEntry } from "@kvasir/client/namespace";
import type { Entry } from "../store/entry.js";
import { bytesOf, decodeText } from "./entry-value.js";
import { streamOf } from "./value-stream.js";

/** An entry of a store as callers in this process read it: decoded when its type is known. */
export class NamespaceEntry implements StoredEntry {
  readonly #entry: Entry;

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  get metadata(): string | null {
    return this.#entry.metadata;
  }

  get version(): number {
    return this.#entry.version;
  }

  /** Always `null`: there is no cache in between. */
  get cacheStatus(): null {
    return null;
  }

  text(): MaybePromise<string> {
    return textOf(this.#entry.value);
  }

  bytes(): MaybePromise<ArrayBuffer> {
    const bytes = bytesOf(this.#entry.value);
    return bytes instanceof Promise ? bytes.then(ownBuffer) : ownBuffer(bytes);
  }

  stream(): ReadableStream<Uint8Array> {
    return streamOf(this.#entry.value);
  }

  discard(): void {}
}

export function textOf(value: Entry["value"]): MaybePromise<string> {
  const bytes = bytesOf(value);
  return bytes instanceof Promise ? bytes.then(decodeText) : decodeText(bytes);
}

/** The bytes as an ArrayBuffer that holds nothing else: they may lie in a larger one. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength && buffer instanceof ArrayBuffer
    ? buffer
    : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}
