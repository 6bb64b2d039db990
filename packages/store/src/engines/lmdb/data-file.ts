import { appendFileSync, closeSync, fstatSync, openSync, readSync } from "node:fs";
import { corruptError } from "./errors.js";
import { DATA_FILE_MISSING_PAGES_MAX } from "./limits.js";

/**
 * The head of LMDB's data file (format 2, little-endian): offsets in each of the first two pages. LMDB maps
 * the file into memory, and a signal ends the process if it reads past the end of a truncated file. So the
 * length is compared with what the head says before LMDB opens the file.
 */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
/** The number of a page, at its beginning. */
const PAGE_NUMBER_AT = 0;
const HEAD_BYTES = 160;

/**
 * @returns whether the file holds any data yet
 * @throws KvError `storage_corrupt` if the file is not a data file, or is truncated
 */
export function checkDataFile(file: string, { writable }: { readonly writable: boolean }): boolean {
  const descriptor = openExisting(file, writable);
  if (descriptor === null) return false;
  try {
    if (fstatSync(descriptor).size === 0) return false;
    const { lastPage, pageBytes } = newestHead(descriptor, file);
    const neededBytes = (lastPage + 1) * pageBytes;
    // Read after the head: while another process writes, the file grows before its head says so.
    const { size } = fstatSync(descriptor);
    // Pages that were freed before they were ever written may be missing at the end. That is a few pages, not
    // half the file.
    const missing = neededBytes - size;
    if (missing > DATA_FILE_MISSING_PAGES_MAX * pageBytes) {
      throw corruptError(file, `${missing} of its ${neededBytes} bytes are missing at the end`);
    }
    // Zeros turn a later read of these pages by LMDB into an error that can be reported. The zeros are
    // appended, because setting the file's length could cut off what another process has written since.
    if (missing > 0 && writable) appendFileSync(file, Buffer.alloc(missing));
    return true;
  } finally {
    closeSync(descriptor);
  }
}

/** The newer of a file's two heads. */
export interface DataFileHead {
  /** The head's page, up to the last field that is needed. */
  readonly head: Buffer;
  readonly pageBytes: number;
  /** The number of the last page in use. */
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** @throws KvError `storage_corrupt` */
export function newestHead(descriptor: number, file: string): DataFileHead {
  const first = readHead(descriptor, file, 0);
  const pageBytes = first.readUInt32LE(PAGE_BYTES_AT);
  if (pageBytes < 512 || pageBytes > 65_536) throw corruptError(file, "its head makes no sense");
  const second = readHead(descriptor, file, pageBytes);
  const head = transactionOf(first) >= transactionOf(second) ? first : second;
  const lastPage = Number(head.readBigUInt64LE(LAST_PAGE_AT));
  return { head, pageBytes, lastPage, transaction: transactionOf(head) };
}

/**
 * Overwrites both heads at the beginning of `chunk` with `head`, one of them as the transaction before. The file
 * may have got newer heads since `head` was read, and those refer to pages that a copy does not have.
 */
export function writeHeads(chunk: Buffer, { head, pageBytes, transaction }: DataFileHead): void {
  for (const page of [0, 1]) {
    const copy = Buffer.alloc(pageBytes);
    head.copy(copy);
    const isOwn = transaction % 2n === BigInt(page);
    copy.writeBigUInt64LE(BigInt(page), PAGE_NUMBER_AT);
    copy.writeBigUInt64LE(isOwn ? transaction : transaction - 1n, TRANSACTION_AT);
    copy.copy(chunk, page * pageBytes);
  }
}

function transactionOf(head: Buffer): bigint {
  return head.readBigUInt64LE(TRANSACTION_AT);
}

function readHead(descriptor: number, file: string, at: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const read = readSync(descriptor, head, 0, HEAD_BYTES, at);
  if (read < HEAD_BYTES) throw corruptError(file, "it ends within its head");
  if (head.readUInt32LE(MAGIC_AT) !== MAGIC) throw corruptError(file, "it is not a data file of Kvasir");
  return head;
}

function openExisting(file: string, writable: boolean): number | null {
  try {
    return openSync(file, writable ? "r+" : "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
