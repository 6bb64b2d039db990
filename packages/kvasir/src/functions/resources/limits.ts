/** Limits for the resources that one process of a function may use. */

/** Share of the machine's memory that one process may use, unless `--memory` is given. */
export const MEMORY_SHARE = 1 / 4;
/** Smallest value of `--memory`, in MiB. A workerd with an empty Worker uses about 50. */
export const MEMORY_MIB_MIN = 128;
/** Largest value of `--memory`, in MiB (1 TiB). */
export const MEMORY_MIB_MAX = 1_048_576;
/** How fast a process can allocate memory, in bytes per millisecond (2 GiB/s). Up to 1 GiB/s was measured. */
export const MEMORY_BYTES_PER_MS = 2_147_483;
/** How often memory is measured, in milliseconds: more often when a process is close to its limit. */
export const MEMORY_CHECK_MS_MIN = 10;
export const MEMORY_CHECK_MS_MAX = 500;
/** The same interval if each measurement starts a program (`ps`), in milliseconds. */
export const MEMORY_CHECK_BY_PROGRAM_MS = 1_000;
/**
 * The kernel limits a process's writable memory to 1.5 times its limit plus these bytes (1 GiB). An idle
 * workerd reserves 0.5 GiB that it does not use.
 */
export const RESERVED_BYTES_SPARE = 1_073_741_824;
export const RESERVED_PER_USED_MAX = 1.5;
/** Added to a function's OOM score, so that the kernel kills it first. 1000 is the maximum. */
export const OOM_SCORE = 500;
/**
 * V8's heap may use this share of the limit. V8 then collects garbage before the process reaches the limit.
 */
export const HEAP_SHARE = 0.75;
/** V8 chooses its heap size itself above this size, in MiB. */
export const HEAP_MIB_MAX = 2_048;
/** A complaint explains the end of a process if the end follows within this time, in milliseconds. */
export const COMPLAINT_MS = 3_000;
/** How often the time of a process is measured, in milliseconds. */
export const TIME_TICK_MS = 250;
/** The same interval if each measurement starts a program (`ps`), in milliseconds. */
export const TIME_TICK_BY_PROGRAM_MS = 1_000;
