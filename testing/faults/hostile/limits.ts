/** How hard the attackers push, and what they may cost. */

/** Attacks at a time. */
export const ATTACKS_AT_A_TIME = 4;
/** Hostile requests and connections in `npm test`. */
export const TEST_LOAD = 20_000;
/** When the attackers in `npm test` stop at the latest, in seconds. */
export const TEST_SECONDS_MAX = 30;
/** How long an attacker holds what it has taken, in milliseconds. */
export const HOLD_MS = 250;
/** How often a polite client asks for the health, in milliseconds. */
export const HEALTH_INTERVAL_MS = 50;
/**
 * Processor time that the server's event loop may use before it answers with the health, in milliseconds: what the health
 * takes on a machine that has nothing else to do.
 */
export const HEALTH_MS_MAX = 1_000;
/** How long a polite client waits for any response, in milliseconds. */
export const POLITE_MS_MAX = 15_000;
/** How long an attacker writes without a pause, in milliseconds. */
export const FLOOD_MS = 3_000;
/** How long uploads stall, in milliseconds: longer than a polite client waits. */
export const STALL_MS = 17_000;
/** How long the server may take to give back what the attackers held, in milliseconds. */
export const SETTLE_MS_MAX = 30_000;
/** How much more the server's heap may hold after the attacks than before, in bytes. */
export const HEAP_GROWTH_BYTES_MAX = 100 * 2 ** 20;
/** How much more memory the server may have at most while attacked than before, page cache not included, in bytes. */
export const RESIDENT_GROWTH_BYTES_MAX = 350 * 2 ** 20;
/** Descriptors that may be open after the attacks and were not before: those of the polite client's connections. */
export const DESCRIPTORS_GROWTH_MAX = 8;
/** Large values that lists are asked for, and their size in bytes. */
export const LARGE_VALUES = 100;
export const LARGE_VALUE_BYTES = 200_000;
/** Bytes that may be charged afterwards: those of the polite client, which goes on. */
export const CHARGED_BYTES_MAX = 1_000_000;
/** Failures of the polite client that are shown. */
export const POLITE_FAILURES_SHOWN = 10;
