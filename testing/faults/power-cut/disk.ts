import type { Random } from "../../harness/random.js";
import type { FileEvent } from "../machinery/file-trace.js";

type Write = Extract<FileEvent, { readonly type: "write" }>;

/**
 * The unit that a disk writes completely or not at all, and the unit in which it gets data from the page
 * cache.
 */
const SECTOR_BYTES = 512;
const PAGE_BYTES = 4096;

/** What happened to the writes that were not flushed when the power was cut. */
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

/** The head of LMDB's file: its first pages, which say which other pages count. */
const HEAD_PAGES = 2;
/**
 * The offset at which a head stores the id of the boot that wrote it, if it does. A page may have one in its
 * middle too.
 */
const BOOT_ID_AT = 160;
const HEAD_PLACES = [0, PAGE_BYTES / 2, PAGE_BYTES];

/**
 * The data file on a disk that keeps what was flushed. Of the rest it keeps any selection, in any order: a
 * write that was not flushed may be there completely, partly or not at all.
 */
export class Disk {
  readonly #writes: readonly Write[];
  readonly #flushes: readonly { readonly from: number; readonly until: number }[];
  /** What is certainly on it, up to the last place that was examined. */
  #certain = Buffer.alloc(0);
  #pending: Write[] = [];
  #next = 0;
  #place = -1;

  constructor(events: readonly FileEvent[]) {
    this.#writes = events.flatMap((event) => (event.type === "write" ? [event] : [])).sort(byBeginning);
    this.#flushes = events.flatMap((event) => (event.type === "flush" ? [event] : [])).sort(byBeginning);
  }

  /**
   * The number of writes that were not flushed when the power was cut at `place`. Places must be examined in
   * order.
   */
  pendingAt(place: number): number {
    this.#advance(place);
    return this.#pending.length;
  }

  /** A possible content of the file after the power was cut at `place`, read in a later boot. */
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
      // What a flush has reached is there, whatever happened to an earlier write to the same place.
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

/** Includes or omits each part of a write. */
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
 * LMDB's binding may trust unflushed heads that the running boot wrote, because the page cache still has the
 * pages that they refer to. A machine that lost its power has another boot id afterwards. This one has not,
 * so the id in the file is changed.
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
