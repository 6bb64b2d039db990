import type { Random } from "../../harness/random.js";
import type { FileEvent } from "../machinery/file-trace.js";

type Write = Extract<FileEvent, { readonly type: "write" }>;

/** What a disk writes whole or not at all; and what the page cache hands it at a time. */
const SECTOR_BYTES = 512;
const PAGE_BYTES = 4096;

/** What became of the writes that were not flushed when the power went. */
export const FATES = [
  "none",
  "all",
  "first",
  "last",
  "some",
  "torn pages",
  "torn sectors",
  "heads only",
] as const;
export type Fate = (typeof FATES)[number];

/** The head of LMDB's file: its first pages, which say which of the others count. */
const HEAD_PAGES = 2;
/** Where in a page a head keeps the id of the boot that wrote it, if it does; there may be one in the middle too. */
const BOOT_ID_AT = 160;
const HEAD_PLACES = [0, PAGE_BYTES / 2, PAGE_BYTES];

/**
 * The data file on a disk that keeps what it was told to flush, and of the rest whatever it likes, in whatever order:
 * a write that was not flushed may be there or not, and there in part.
 */
export class Disk {
  readonly #writes: readonly Write[];
  readonly #flushes: readonly { readonly from: number; readonly until: number }[];
  /** What is on it for certain, up to the place that was looked at last. */
  #certain = Buffer.alloc(0);
  #pending: Write[] = [];
  #next = 0;
  #place = -1;

  constructor(events: readonly FileEvent[]) {
    this.#writes = events.flatMap((event) => (event.type === "write" ? [event] : [])).sort(byBeginning);
    this.#flushes = events.flatMap((event) => (event.type === "flush" ? [event] : [])).sort(byBeginning);
  }

  /** How many writes were not flushed when the power went at `place`. Places are looked at in their order. */
  pendingAt(place: number): number {
    this.#advance(place);
    return this.#pending.length;
  }

  /** The file as it may be after the power went at `place`, read in a later boot. */
  fileAfter(place: number, fate: Fate, random: Random): Buffer {
    this.#advance(place);
    const length = this.#pending.reduce((end, write) => Math.max(end, write.at + write.bytes.length), 0);
    const file = Buffer.alloc(Math.max(this.#certain.length, length));
    this.#certain.copy(file);
    let size = this.#certain.length;
    const put = (at: number, bytes: Buffer) => {
      bytes.copy(file, at);
      size = Math.max(size, at + bytes.length);
    };
    const prefix = random.between(0, this.#pending.length);
    for (const [index, write] of this.#pending.entries()) {
      if (fate === "all") put(write.at, write.bytes);
      else if (fate === "first" && index < prefix) put(write.at, write.bytes);
      else if (fate === "last" && index >= prefix) put(write.at, write.bytes);
      else if (fate === "some" && random.between(0, 1) === 1) put(write.at, write.bytes);
      else if (fate === "heads only" && write.at < HEAD_PAGES * PAGE_BYTES) put(write.at, write.bytes);
      else if (fate === "torn pages") tear(write, PAGE_BYTES, random, put);
      else if (fate === "torn sectors") tear(write, SECTOR_BYTES, random, put);
    }
    return inAnotherBoot(file.subarray(0, size));
  }

  #advance(place: number): void {
    if (place < this.#place) throw new RangeError("Places are looked at in their order.");
    this.#place = place;
    for (; this.#next < this.#writes.length; this.#next++) {
      const write = this.#writes[this.#next] as Write;
      if (write.from >= place) break;
      this.#pending.push(write);
    }
    this.#pending = this.#pending.filter((write) => {
      if (!this.#isFlushed(write, place)) return true;
      // What a flush reached is there in the end, whatever an earlier write to the same place came to.
      this.#makeCertain(write);
      return false;
    });
  }

  #isFlushed(write: Write, place: number): boolean {
    if (write.through) return write.until < place;
    return this.#flushes.some((flush) => flush.from > write.until && flush.until < place);
  }

  #makeCertain({ at, bytes }: Write): void {
    if (at + bytes.length > this.#certain.length) {
      const grown = Buffer.alloc(at + bytes.length);
      this.#certain.copy(grown);
      this.#certain = grown;
    }
    bytes.copy(this.#certain, at);
  }
}

/** Puts each part of a write there, or not. */
function tear(
  { at, bytes }: Write,
  unit: number,
  random: Random,
  put: (at: number, bytes: Buffer) => void,
): void {
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + unit - ((at + start) % unit));
    if (random.between(0, 1) === 1) put(at + start, bytes.subarray(start, end));
    start = end;
  }
}

/**
 * LMDB's binding may trust unflushed heads that the running boot wrote, for the page cache still has what they refer
 * to. A machine that lost its power has another id afterwards; this one still has the same, so the file's is changed.
 */
function inAnotherBoot(file: Buffer): Buffer {
  for (const place of HEAD_PLACES) {
    const at = place + BOOT_ID_AT;
    if (at + 8 > file.length) continue;
    const id = file.readBigUInt64LE(at);
    if (id !== 0n) file.writeBigUInt64LE(id ^ 0x5a5an, at);
  }
  return file;
}

function byBeginning(a: { readonly from: number }, b: { readonly from: number }): number {
  return a.from - b.from;
}
