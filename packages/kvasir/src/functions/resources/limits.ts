/** The bounds of what one process of a function may take from the machine. */

/** Share of the machine's memory that one process may have, unless `--memory` says otherwise. */
export const MEMORY_SHARE = 1 / 4;
/** Least memory that `--memory` may allow, in MiB: a workerd that runs an empty Worker has about 50. */
export const MEMORY_MIB_MIN = 128;
/** Most memory that `--memory` may allow, in MiB (1 TiB). */
export const MEMORY_MIB_MAX = 1_048_576;
/** How fast a process can fill memory, in bytes per millisecond (2 GiB/s); measured: up to 1 GiB/s. */
export const MEMORY_BYTES_PER_MS = 2_147_483;
/** How often memory is measured, in milliseconds: more often the closer a process is to its limit. */
export const MEMORY_CHECK_MS_MIN = 10;
export const MEMORY_CHECK_MS_MAX = 500;
/** The same where each measurement starts a program (`ps`), in milliseconds. */
export const MEMORY_CHECK_BY_PROGRAM_MS = 1_000;
/**
 * The kernel refuses a process writable memory beyond 1.5 times its limit and these bytes (1 GiB). An idle workerd has
 * reserved 0.5 GiB that it does not use.
 */
export const RESERVED_BYTES_SPARE = 1_073_741_824;
export const RESERVED_PER_USED_MAX = 1.5;
/** What the kernel adds to a function's score when it must end a process for memory; 1000 is the most. */
export const OOM_SCORE = 500;
/** V8's heap may take this share of the limit: it then collects garbage instead of running into the limit. */
export const HEAP_SHARE = 0.75;
/** V8 chooses larger heaps itself, in MiB. */
export const HEAP_MIB_MAX = 2_048;
/** A complaint explains the end of a process that follows within so long, in milliseconds. */
export const COMPLAINT_MS = 3_000;
/** How often the time is measured that a process has used or could have used, in milliseconds. */
export const TIME_TICK_MS = 250;
/** The same where each measurement starts a program (`ps`), in milliseconds. */
export const TIME_TICK_BY_PROGRAM_MS = 1_000;
