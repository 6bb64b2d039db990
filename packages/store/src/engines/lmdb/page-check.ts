import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { newestHead } from "./data-file.js";
import { PAGE_PROBLEMS_MAX } from "./limits.js";

/**
 * The form of LMDB's pages (format 2, little-endian), as far as LMDB relies on it without a check. A size or
 * offset that has changed on disk makes LMDB read or write outside its memory, which ends the process.
 *
 * A page begins with its number (8), the transaction that wrote it (8), 2 unused bytes, flags (2), and the
 * bounds of its free space (2, 2), or, for a large value, its number of pages (4). The offsets of its nodes
 * (2 each) follow. Offsets and bounds count from the end of the head. A node is: size of its data or number
 * of a page (4), flags (2), size of its key (2), key, data.
 */
const PAGE_HEAD_BYTES = 24;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const NODE_HEAD_BYTES = 8;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
/** Flags of a leaf's node: its data is on pages of its own; its data is a tree. */
const ON_OTHER_PAGES = 1;
const IS_TREE = 2;
/** The reference to data on other pages: the first page (8), its transaction (8), the number of pages (8). */
const OTHER_PAGES_BYTES = 24;
const TREE_BYTES = 48;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** The root of a tree, as recorded in the file's head or in the tree above. */
interface Tree {
  readonly depth: number;
  readonly entries: bigint;
  readonly root: bigint;
}

/**
 * Returns one sentence per problem with the pages of a data file. Hold a transaction meanwhile, so that no
 * commit reuses pages. It reads only the pages of trees, not those of large values.
 */
export function checkPages(file: string): readonly string[] {
  const descriptor = openSync(file, "r");
  try {
    return new PageCheck(file, descriptor).run();
  } finally {
    closeSync(descriptor);
  }
}

class PageCheck {
  readonly #descriptor: number;
  readonly #pageBytes: number;
  readonly #pageCount: number;
  readonly #transaction: bigint;
  readonly #trees: readonly [free: Tree, main: Tree];
  readonly #problems: string[] = [];
  #entries = 0n;

  constructor(file: string, descriptor: number) {
    const { head, pageBytes, lastPage, transaction } = newestHead(descriptor, file);
    this.#descriptor = descriptor;
    this.#pageBytes = pageBytes;
    this.#pageCount = Math.min(Number(lastPage) + 1, Math.floor(fstatSync(descriptor).size / pageBytes));
    this.#transaction = transaction;
    this.#trees = [treeAt(head, PAGE_HEAD_BYTES + 24), treeAt(head, PAGE_HEAD_BYTES + 24 + TREE_BYTES)];
  }

  run(): readonly string[] {
    for (const tree of this.#trees) this.#tree(tree);
    return this.#problems;
  }

  #tree({ depth, entries, root }: Tree): void {
    if (root === NO_PAGE) return;
    const before = this.#entries;
    const problemsBefore = this.#problems.length;
    this.#entries = 0n;
    this.#page(root, depth);
    if (this.#entries !== entries && this.#problems.length === problemsBefore) {
      this.#problems.push(`The tree at page ${root} has ${this.#entries} of ${entries} entries.`);
    }
    this.#entries = before;
  }

  /** `height` is 1 for a leaf. */
  #page(number: bigint, height: number): void {
    if (this.#problems.length >= PAGE_PROBLEMS_MAX) return;
    const page = this.#read(number);
    const problem = page === null ? "lies beyond the end of the file" : this.#problemOf(page, number, height);
    if (page === null || problem !== null) {
      this.#problems.push(`Page ${number} ${problem}.`);
      return;
    }
    for (const node of nodesOf(page)) {
      if (height > 1) this.#page(childOf(page, node), height - 1);
      else this.#leafNode(page, node);
    }
  }

  #leafNode(page: Buffer, node: number): void {
    this.#entries++;
    const data = node + NODE_HEAD_BYTES + keyBytesOf(page, node);
    if (nodeFlagsOf(page, node) === IS_TREE) this.#tree(treeAt(page, data));
    if (nodeFlagsOf(page, node) !== ON_OTHER_PAGES) return;
    const first = page.readBigUInt64LE(data);
    const head = this.#read(first);
    const pages = Math.ceil((PAGE_HEAD_BYTES + dataBytesOf(page, node)) / this.#pageBytes);
    const whole =
      head?.readBigUInt64LE(0) === first &&
      head.readUInt16LE(FLAGS_AT) === OVERFLOW &&
      head.readUInt32LE(LOWER_AT) === pages &&
      Number(page.readBigUInt64LE(data + 16)) === pages &&
      Number(first) + pages <= this.#pageCount;
    if (!whole) this.#problems.push(`The large value at page ${first} is not where its entry says.`);
  }

  #problemOf(page: Buffer, number: bigint, height: number): string | null {
    if (page.readBigUInt64LE(0) !== number) return "has another number";
    if (page.readBigUInt64LE(8) > this.#transaction) return "is newer than the tree that it belongs to";
    if (page.readUInt16LE(FLAGS_AT) !== (height > 1 ? BRANCH : LEAF)) return "is of another kind";
    const lower = PAGE_HEAD_BYTES + page.readUInt16LE(LOWER_AT);
    const upper = PAGE_HEAD_BYTES + page.readUInt16LE(UPPER_AT);
    const isInPage = lower > PAGE_HEAD_BYTES && lower % 2 === 0 && lower <= upper && upper <= this.#pageBytes;
    if (!isInPage) return "has no bounds that can be";
    let used = 0;
    for (const node of nodesOf(page)) {
      const bytes = this.#nodeBytes(page, node, upper, height);
      if (bytes === null) return "has an entry that lies outside of it";
      used += bytes;
    }
    // Nodes are contiguous, so a changed size or offset leaves a gap or an overlap.
    return used === this.#pageBytes - upper ? null : "has entries whose sizes do not fit";
  }

  #nodeBytes(page: Buffer, node: number, upper: number, height: number): number | null {
    if (node < upper || node % 2 !== 0 || node + NODE_HEAD_BYTES > this.#pageBytes) return null;
    const flags = nodeFlagsOf(page, node);
    let bytes = NODE_HEAD_BYTES + keyBytesOf(page, node);
    if (height === 1) {
      if (flags > IS_TREE || (flags === IS_TREE && dataBytesOf(page, node) !== TREE_BYTES)) return null;
      bytes += flags === ON_OTHER_PAGES ? OTHER_PAGES_BYTES : dataBytesOf(page, node);
    }
    bytes += bytes % 2;
    return node + bytes <= this.#pageBytes ? bytes : null;
  }

  #read(number: bigint): Buffer | null {
    if (number >= this.#pageCount) return null;
    const page = Buffer.allocUnsafe(this.#pageBytes);
    const read = readSync(this.#descriptor, page, 0, this.#pageBytes, Number(number) * this.#pageBytes);
    return read === this.#pageBytes ? page : null;
  }
}

function treeAt(bytes: Buffer, at: number): Tree {
  return {
    depth: bytes.readUInt16LE(at + 6),
    entries: bytes.readBigUInt64LE(at + 32),
    root: bytes.readBigUInt64LE(at + 40),
  };
}

function* nodesOf(page: Buffer): Generator<number> {
  const end = PAGE_HEAD_BYTES + page.readUInt16LE(LOWER_AT);
  for (let at = PAGE_HEAD_BYTES; at < end; at += 2) yield PAGE_HEAD_BYTES + page.readUInt16LE(at);
}

function childOf(page: Buffer, node: number): bigint {
  return BigInt(page.readUIntLE(node, 6));
}

function dataBytesOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node);
}

function nodeFlagsOf(page: Buffer, node: number): number {
  return page.readUInt16LE(node + 4);
}

function keyBytesOf(page: Buffer, node: number): number {
  return page.readUInt16LE(node + 6);
}
