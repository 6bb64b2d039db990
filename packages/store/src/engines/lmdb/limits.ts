/** The bounds of the embedded engine. */

/** LMDB keeps its locks beside the data file. */
export { DATA_FILE, PRIVATE_DIRECTORY_MODE, PRIVATE_FILE_MODE } from "../../store/files.js";

/** Longest key in a table, in bytes. The rest of LMDB's 1,978 is for prefixes. */
export const ENTRY_KEY_BYTES_MAX = 1900;
/** Address space reserved for the data file, in bytes (1 TiB). It costs nothing until it is used. */
export const MAP_BYTES = 1_099_511_627_776;
/**
 * Initial address space of a store in memory, in bytes (64 MiB). LMDB's binding doubles it when it is full.
 */
export const MEMORY_MAP_BYTES = 67_108_864;
/**
 * Data directories that one process may have open if the system does not report the address space that is
 * left.
 */
export const DIRECTORIES_OPEN_MAX = 64;
/** File descriptors that opening a store needs, with some to spare. */
export const DESCRIPTORS_PER_STORE = 6;
/** Address space, in bytes, that stays free for everything else if the process has a limit (256 MiB). */
export const ADDRESS_SPACE_SPARE_BYTES = 268_435_456;
/** Read transactions that all processes on one directory may have open at the same time. */
export const READERS_MAX = 510;
/** Most operations that share one transaction. */
export const BATCH_OPERATIONS_MAX = 2048;
/** A transaction takes no further operation once it carries this many bytes of values (4 MiB). */
export const BATCH_BYTES_MAX = 4_194_304;
/** Writes of one bulk write that succeed or fail together when the disk is full. */
export const WRITE_GROUP_MAX = 64;
/** Such a group takes no further write once it carries this many bytes of values (128 KiB). */
export const WRITE_GROUP_BYTES_MAX = 131_072;
/** Writes that may wait for their transaction. Further ones are refused. */
export const QUEUE_OPERATIONS_MAX = 262_144;
/** Bytes of values that may wait for their transaction (512 MiB). Further writes are refused. */
export const QUEUE_BYTES_MAX = 536_870_912;
/** Bytes of a staged value that are written in one batch (1 MiB). A larger value in memory is staged too. */
export const STAGE_BATCH_BYTES = 1_048_576;
/** How long a staged value is kept for the put that will use it, in milliseconds (one day). */
export const STAGED_KEPT_MS = 86_400_000;
/**
 * Longest time that this process may still serve a namespace that another process deleted, in milliseconds.
 */
export const CATALOG_FRESH_MS = 250;
/** Namespaces that are cached in memory for reads. */
export const CATALOG_CACHED_MAX = 10_000;
/** Interval at which the sweeper looks for expired entries and replaced values, in milliseconds. */
export const SWEEP_INTERVAL_MS = 1000;
/** Longest time that one sweep slice blocks the process while there are reads, in milliseconds. */
export const SWEEP_SLICE_BUSY_MS = 0.5;
/** The same if there were no reads since the last slice: fewer slices mean fewer flushes. */
export const SWEEP_SLICE_IDLE_MS = 8;
/**
 * How long the sweeper rests after a slice while there are reads, in milliseconds: its flushes slow reads
 * down too.
 */
export const SWEEP_REST_BUSY_MS = 2;
/** Expired entries that are removed before the sweeper checks the time again. */
export const SWEEP_STEP_ROWS = 128;
/** Most rows that one reclaim slice removes. */
export const RECLAIM_SLICE_ROWS = 512;
/**
 * Rows that the first step of freeing space on a full disk removes. Each further step removes twice as many.
 */
export const ROOM_STEP_ROWS_MIN = 8;
/** Most rows that one such step removes. */
export const ROOM_STEP_ROWS_MAX = 512;
/** Entries that a count reads before it lets other work run. */
export const COUNT_SLICE_ENTRIES = 2000;
/** Interval at which watchers look for changes by other processes, in milliseconds. */
export const WATCH_POLL_MS = 50;
/** Interval at which waiting watchers hear how far the log has been read, in milliseconds. */
export const WATCH_PASSED_MS = 1000;
/** Changes that one watcher reads from the log at a time. */
export const WATCH_PAGE_CHANGES = 1000;
/** Versions beyond `CHANGES_REMEMBERED` that accumulate before they are dropped together. */
export const CHANGES_TRIM_STEP = 4096;
/** Data files up to this size, in bytes, have all their pages checked when they are opened (8 MiB). */
export const PAGES_CHECKED_BYTES_MAX = 8_388_608;
/** Damaged pages after which a check stops reading pages. */
export const PAGE_PROBLEMS_MAX = 100;
/** Problems whose text a check keeps. Further ones are only counted. */
export const CHECK_PROBLEMS_MAX = 1000;
/** Large values that a check compares with the entries at a time. It reads all entries once per group. */
export const CHECK_BLOBS_AT_ONCE = 200_000;
/** Most rows that one transaction of a migration rewrites. */
export const MIGRATION_SLICE_ROWS = 20_000;
/** A transaction of a migration takes no further row once it carries this many bytes (8 MiB). */
export const MIGRATION_SLICE_BYTES = 8_388_608;
/** Pages that may be missing at the end of an intact data file. */
export const DATA_FILE_MISSING_PAGES_MAX = 64;
/** If less space than this is free, in bytes, an incomplete write is reported as a full disk (16 MiB). */
export const FREE_BYTES_LOW = 16_777_216;
/** Bytes of a snapshot that are read at a time (1 MiB). */
export const SNAPSHOT_CHUNK_BYTES = 1_048_576;
/** How often a snapshot looks for a moment without a commit. One look takes microseconds. */
export const SNAPSHOT_TRIES = 10_000;
