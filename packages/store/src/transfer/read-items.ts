import { isUtf8 } from "node:buffer";
import { KvError } from "@kvasir/client/namespace";
import { decodeText } from "../rules/entry-value.js";
import { ArraySplitter } from "./array-splitter.js";
import { refuseForeign } from "./foreign-file.js";
import {
  LINE_BYTES_MAX,
  READ_PIECE_BYTES,
  RECOGNIZED_BYTES,
  TRANSFER_BATCH_BYTES,
  TRANSFER_BATCH_ENTRIES,
} from "./limits.js";
import { LineSplitter } from "./line-splitter.js";
import { keyIn, type NamespaceHeader, parseItem } from "./parse-entry.js";
import type { PortableEntry } from "./portable-entry.js";

/** Where in a file something is. Both count from 1. */
export interface Place {
  readonly unit: "line" | "item";
  readonly number: number;
}

/** A part of a file that cannot be stored. The rest of the file is not affected. */
export interface RefusedItem extends Place {
  readonly type: "refused";
  /** If it can be told. */
  readonly key: string | undefined;
  readonly error: KvError;
}

/** What a file of entries holds, in its order. */
export type ReadItem =
  | (Place & { readonly type: "entry"; readonly entry: PortableEntry })
  | (Place & { readonly type: "namespace"; readonly namespace: NamespaceHeader })
  | RefusedItem;

export interface ReadItemsOptions {
  /** `expiration_ttl` counts from it. */
  nowMs(): number;
  /** Longest line, in bytes. @default LINE_BYTES_MAX */
  readonly lineBytesMax?: number | undefined;
  /**
   * Called while a line is incomplete, with how many of its bytes are in memory. Reading goes on when it resolves.
   *
   * @default not called
   */
  readonly onHeld?: ((bytes: number) => Promise<void> | undefined) | undefined;
}

/**
 * Reads the entries of a file in batches of bounded size, whether it is JSON Lines or an array. Its first bytes say
 * which. What cannot be stored is an item of its own.
 *
 * @throws KvError `bad_request` for a file of another tool, or an array that is not complete
 * @throws KvError `storage_format` for an export of a newer version
 */
export async function* readItems(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: ReadItemsOptions,
): AsyncGenerator<readonly ReadItem[], void> {
  const { nowMs, lineBytesMax = LINE_BYTES_MAX, onHeld } = options;
  const batch = new Batch(nowMs, lineBytesMax);
  let head = Buffer.alloc(0);
  let splitter: LineSplitter | ArraySplitter | null = null;
  const begin = (): LineSplitter | ArraySplitter => {
    const text = withoutMark(head);
    const begun = splitterFor(text, batch, lineBytesMax);
    begun.write(text);
    return begun;
  };
  for await (const chunk of chunks) {
    for (const piece of piecesOf(chunk)) {
      if (splitter === null) {
        head = Buffer.concat([head, piece]);
        if (head.byteLength < RECOGNIZED_BYTES) continue;
        splitter = begin();
      } else {
        splitter.write(piece);
      }
      const held = onHeld?.(splitter.heldBytes);
      if (held !== undefined) await held;
      if (batch.isFull) yield* batch.take();
    }
  }
  (splitter ?? begin()).end();
  yield* batch.take();
}

/** A large chunk may hold many entries: they are parsed a few at a time. */
function* piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.byteLength; at += READ_PIECE_BYTES) {
    yield chunk.subarray(at, at + READ_PIECE_BYTES);
  }
}

/** Parses what the splitters find, until the reader takes it. */
class Batch {
  readonly #nowMs: () => number;
  readonly #lineBytesMax: number;
  #items: ReadItem[] = [];
  #bytes = 0;

  constructor(nowMs: () => number, lineBytesMax: number) {
    this.#nowMs = nowMs;
    this.#lineBytesMax = lineBytesMax;
  }

  get isFull(): boolean {
    return this.#items.length >= TRANSFER_BATCH_ENTRIES || this.#bytes >= TRANSFER_BATCH_BYTES;
  }

  /** Slices of at most {@link TRANSFER_BATCH_ENTRIES}. */
  *take(): Generator<readonly ReadItem[], void> {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    if (items.length > 0 && items.length <= TRANSFER_BATCH_ENTRIES) yield items;
    else {
      for (let at = 0; at < items.length; at += TRANSFER_BATCH_ENTRIES) {
        yield items.slice(at, at + TRANSFER_BATCH_ENTRIES);
      }
    }
  }

  add(bytes: Buffer | null, place: Place): void {
    const item = this.#parse(bytes, place);
    this.#items.push(item);
    this.#bytes += item.type === "entry" ? item.entry.value.byteLength : 0;
  }

  #parse(bytes: Buffer | null, { unit, number }: Place): ReadItem {
    if (bytes === null) {
      const error = new KvError("value_too_large", `It is longer than ${this.#lineBytesMax} bytes.`);
      return { type: "refused", unit, number, key: undefined, error };
    }
    const text = decodeText(bytes);
    try {
      if (!isUtf8(bytes)) throw new KvError("bad_request", "It is not valid UTF-8.");
      const parsed = parseItem(text, this.#nowMs());
      return "title" in parsed
        ? { type: "namespace", unit, number, namespace: parsed }
        : { type: "entry", unit, number, entry: parsed };
    } catch (error) {
      if (!(error instanceof KvError) || error.code === "storage_format") throw error;
      return { type: "refused", unit, number, key: keyIn(text), error };
    }
  }
}

function splitterFor(head: Buffer, batch: Batch, lineBytesMax: number): LineSplitter | ArraySplitter {
  refuseForeign(head.subarray(0, RECOGNIZED_BYTES));
  const isArray = /^\s*\[/.test(head.toString("latin1"));
  return isArray
    ? new ArraySplitter((bytes, number) => batch.add(bytes, { unit: "item", number }), lineBytesMax)
    : new LineSplitter((bytes, number) => batch.add(bytes, { unit: "line", number }), lineBytesMax);
}

/** Some editors begin a file with U+FEFF. */
function withoutMark(head: Buffer): Buffer {
  return head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? head.subarray(3) : head;
}

const BYTE_ORDER_MARK = Buffer.from("\ufeff");
