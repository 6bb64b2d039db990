/** How much load the attackers make, and how much they may cost. */

/** Concurrent attacks. */
export const ATTACKS_AT_A_TIME = 4;
/** Hostile requests and connections in `npm test`. */
export const TEST_LOAD = 20_000;
/** How long the attackers run in `npm test` at most, in seconds. */
export const TEST_SECONDS_MAX = 30;
/** How long an attacker holds its resources, in milliseconds. */
export const HOLD_MS = 250;
/** Interval at which a polite client requests the health, in milliseconds. */
export const HEALTH_INTERVAL_MS = 50;
/**
 * Processor time that the server's event loop may use before it responds with the health, in milliseconds.
 * This is what the response takes on an otherwise idle machine.
 */
export const HEALTH_MS_MAX = 1_000;
/** How long a polite client waits for any response, in milliseconds. */
export const POLITE_MS_MAX = 15_000;
/** How long an attacker writes without a pause, in milliseconds. */
export const FLOOD_MS = 3_000;
/** How long uploads stall, in milliseconds. Longer than a polite client waits. */
export const STALL_MS = 17_000;
/** How long the server may take to release what the attackers held, in milliseconds. */
export const SETTLE_MS_MAX = 30_000;
/** How much larger the server's heap may be after the attacks than before, in bytes. */
export const HEAP_GROWTH_BYTES_MAX = 100 * 2 ** 20;
/** How much the server's memory, without page cache, may grow during the attacks, in bytes. */
export const RESIDENT_GROWTH_BYTES_MAX = 350 * 2 ** 20;
/**
 * How many more descriptors may be open after the attacks than before: those of the polite client's
 * connections.
 */
export const DESCRIPTORS_GROWTH_MAX = 8;
/** The number of large values that lists are requested for, and their size in bytes. */
export const LARGE_VALUES = 100;
export const LARGE_VALUE_BYTES = 200_000;
/** Bytes that may be charged afterwards, because the polite client continues. */
export const CHARGED_BYTES_MAX = 1_000_000;
/** Failures of the polite client that are shown. */
export const POLITE_FAILURES_SHOWN = 10;
