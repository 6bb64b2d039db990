/** How hard the recipes are hammered. */

/** How long one test may take where the machine has other things to do, in milliseconds. */
export const HAMMERING_MS_MAX = 120_000;
/** Processes that hammer at once. */
export const PROCESSES = 4;
/** Clients of each process: 64 together. */
export const CLIENTS_PER_PROCESS = 16;
/** Increments of all clients together. */
export const INCREMENTS = 10_000;
/** Of which a client has so many under way at a time. */
export const INCREMENTS_AT_ONCE = 5;
/** What a limiter lets through, and what is asked of it. */
export const LIMIT = 100;
export const CHECKS_PER_CLIENT = 5;
/** How often each client takes the lock. */
export const LOCKS_PER_CLIENT = 1;
/** Events of each of the writers of the log, of which each process has two. */
export const EVENTS_PER_WRITER = 50;
/** Commits of each client whose condition does not hold. */
export const FAILING_COMMITS_PER_CLIENT = 3;
/** Times that a server is killed while clients commit. */
export const KILL_ROUNDS = 3;
/** Keys that one commit writes. */
export const KEYS_PER_COMMIT = 8;
/** How long recipes wait for their store in the outage tests, in milliseconds: less than by default, for speed alone. */
export const STORE_TIMEOUT_MS = 500;
/** How long an application may take to answer while its store is away, in milliseconds. */
export const ANSWER_MS_MAX = 5_000;
/** How long one outage may take to test where the machine has other things to do, in milliseconds. */
export const OUTAGE_TEST_MS_MAX = 90_000;
