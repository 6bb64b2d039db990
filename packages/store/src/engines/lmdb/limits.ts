/** The bounds of the embedded engine. */

/** Name of the file in the data directory that holds everything; LMDB keeps its locks beside it. */
export const DATA_FILE = "data.mdb";
/** Mode of a data directory: what is in it is its owner's alone. */
export const PRIVATE_DIRECTORY_MODE = 0o700;
/** Mode of the files in it. */
export const PRIVATE_FILE_MODE = 0o600;
/** Longest key that a table takes, in bytes; the rest of LMDB's 1,978 is for prefixes. */
export const ENTRY_KEY_BYTES_MAX = 1900;
/** Address space that the data file may fill, in bytes (1 TiB). It costs nothing until it is used. */
export const MAP_BYTES = 1_099_511_627_776;
/** The same for a store in memory to begin with (64 MiB); LMDB's binding doubles it when it is full. */
export const MEMORY_MAP_BYTES = 67_108_864;
/** Data directories that one process may have open where the system does not say how much address space is left. */
export const DIRECTORIES_OPEN_MAX = 64;
/** File descriptors that opening a store takes, with some to spare. */
export const DESCRIPTORS_PER_STORE = 6;
/** Where the address space of a process is limited, this much of it stays free for everything else (256 MiB). */
export const ADDRESS_SPACE_SPARE_BYTES = 268_435_456;
/** Read transactions that all processes on one directory may have open together. */
export const READERS_MAX = 510;
/** Most operations that share one transaction. */
export const BATCH_OPERATIONS_MAX = 2048;
/** A transaction takes no further operation once it carries this many bytes of values (4 MiB). */
export const BATCH_BYTES_MAX = 4_194_304;
/** Writes waiting for their transaction before more are refused. */
export const QUEUE_OPERATIONS_MAX = 262_144;
/** Bytes of values waiting for their transaction before more are refused (512 MiB). */
export const QUEUE_BYTES_MAX = 536_870_912;
/** Bytes of a staged value that are written together (1 MiB); a larger value in memory is staged too. */
export const STAGE_BATCH_BYTES = 1_048_576;
/** How long a staged value waits for the put that takes it over, in milliseconds (a day). */
export const STAGED_KEPT_MS = 86_400_000;
/** Longest that a namespace deleted by another process may still answer here, in milliseconds. */
export const CATALOG_FRESH_MS = 250;
/** Namespaces that are held in memory for reads. */
export const CATALOG_CACHED_MAX = 10_000;
/** How often expired entries and replaced values are looked for, in milliseconds. */
export const SWEEP_INTERVAL_MS = 1000;
/** Longest that one slice of sweeping keeps everything else waiting while others read, in milliseconds. */
export const SWEEP_SLICE_BUSY_MS = 0.5;
/** The same when nobody has read since the last slice: fewer slices are fewer flushes. */
export const SWEEP_SLICE_IDLE_MS = 8;
/** How long the sweeper rests after a slice while others read, in milliseconds: its flushes take from them as well. */
export const SWEEP_REST_BUSY_MS = 2;
/** Expired entries removed between two looks at the time. */
export const SWEEP_STEP_ROWS = 128;
/** Most rows that one slice of reclaiming removes. */
export const RECLAIM_SLICE_ROWS = 512;
/** Rows that a write removes first when the disk is full; then twice as many, and so on. */
export const ROOM_STEP_ROWS_MIN = 8;
/** Most rows that such a step removes. */
export const ROOM_STEP_ROWS_MAX = 512;
/** Entries looked at before a count lets other work through. */
export const COUNT_SLICE_ENTRIES = 2000;
/** How often the changes of other processes are looked for while somebody watches, in milliseconds. */
export const WATCH_POLL_MS = 50;
/** How often watchers that wait are told how far they have come, in milliseconds. */
export const WATCH_PASSED_MS = 1000;
/** Changes that one watcher takes from the log at a time. */
export const WATCH_PAGE_CHANGES = 1000;
/** Versions that pile up behind `CHANGES_REMEMBERED` before they are dropped together. */
export const CHANGES_TRIM_STEP = 4096;
/** A data file up to this size is looked through, page by page, whenever it is opened, in bytes (8 MiB). */
export const PAGES_CHECKED_BYTES_MAX = 8_388_608;
/** Damaged pages after which a check looks at no more. */
export const PAGE_PROBLEMS_MAX = 100;
/** Problems of which a check keeps the text; the rest is counted. */
export const CHECK_PROBLEMS_MAX = 1000;
/** Large values that a check compares with the entries at a time; each such group reads all entries. */
export const CHECK_BLOBS_AT_ONCE = 200_000;
/** Most rows that one transaction of a migration rewrites. */
export const MIGRATION_SLICE_ROWS = 20_000;
/** A transaction of a migration takes no further row once it carries this many bytes (8 MiB). */
export const MIGRATION_SLICE_BYTES = 8_388_608;
/** Pages that may be missing at the end of a whole data file. */
export const DATA_FILE_MISSING_PAGES_MAX = 64;
/** With less free space than this, in bytes, a write that failed half-way failed for want of it (16 MiB). */
export const FREE_BYTES_LOW = 16_777_216;
