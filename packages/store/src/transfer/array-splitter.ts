import { KvError } from "@kvasir/client/namespace";
import { GatheredBytes } from "./gathered-bytes.js";
import type { TakeText } from "./line-splitter.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Splits the bytes of one JSON array, which arrive in chunks, into its items. It looks at brackets and quotes only:
 * who takes an item parses it.
 */
export class ArraySplitter {
  readonly unit = "item";
  readonly #take: TakeText;
  readonly #item: GatheredBytes;
  #where: "before" | "item" | "after" = "before";
  /** Open brackets and braces inside the item. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #number = 0;

  constructor(take: TakeText, itemBytesMax: number) {
    this.#take = take;
    this.#item = new GatheredBytes(itemBytesMax);
  }

  /** Bytes of an unfinished item, which are in memory. */
  get heldBytes(): number {
    return this.#item.byteLength;
  }

  write(chunk: Uint8Array): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        this.#insideString(byte);
      } else if (this.#where !== "item") {
        this.#outside(byte);
        start = at + 1;
      } else if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth++;
      } else if (this.#depth > 0) {
        if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
      } else if (byte === COMMA || byte === CLOSE_BRACKET) {
        this.#item.add(chunk.subarray(start, at));
        this.#finish(byte);
        start = at + 1;
      }
    }
    if (this.#where === "item") this.#item.add(chunk.subarray(start));
  }

  /** @throws KvError `bad_request` if the array is not complete */
  end(): void {
    if (this.#where === "after") return;
    const place = this.#number === 0 ? "before its first item ended" : `after item ${this.#number}`;
    throw new KvError("bad_request", `The array ends too early, ${place}.`, {
      hint: "The file is not complete. What was before its end has been read.",
    });
  }

  #insideString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #outside(byte: number): void {
    if (isBlank(byte)) return;
    if (this.#where === "after") {
      throw new KvError("bad_request", "There is more after the end of the array.");
    }
    // The reader has seen that the text begins with a bracket.
    this.#where = "item";
  }

  #finish(byte: number): void {
    const isEmpty = this.#item.byteLength === 0;
    const bytes = this.#item.take();
    if (byte === CLOSE_BRACKET) this.#where = "after";
    // `[]` has no item.
    const isNothing = isEmpty || bytes?.every(isBlank) === true;
    if (isNothing && byte === CLOSE_BRACKET && this.#number === 0) return;
    this.#number++;
    this.#take(bytes, this.#number);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
