/** How much load the hammering tests make. */

/** How long one test may take on a busy machine, in milliseconds. */
export const HAMMERING_MS_MAX = 120_000;
/** Number of hammering processes. */
export const PROCESSES = 4;
/** Clients of each process. There are 64 in total. */
export const CLIENTS_PER_PROCESS = 16;
/** Increments of all clients in total. */
export const INCREMENTS = 10_000;
/** Increments that one client has in flight at a time. */
export const INCREMENTS_AT_ONCE = 5;
/** The limit of a limiter, and the number of checks per client. */
export const LIMIT = 100;
export const CHECKS_PER_CLIENT = 5;
/** How often each client takes the lock. */
export const LOCKS_PER_CLIENT = 1;
/** Events of each writer of the log. Each process has two writers. */
export const EVENTS_PER_WRITER = 50;
/** Changes of one session by each client. Each process has two of them. */
export const CLICKS_PER_CLIENT = 5;
/** Commits of each client with a condition that fails. */
export const FAILING_COMMITS_PER_CLIENT = 3;
/** How often a server is killed while clients commit. */
export const KILL_ROUNDS = 3;
/** Keys in one commit. */
export const KEYS_PER_COMMIT = 8;
/**
 * How long recipes wait for their store in the outage tests, in milliseconds. Less than the default, to save
 * time.
 */
export const STORE_TIMEOUT_MS = 500;
/** How long an application may take to respond while its store is unavailable, in milliseconds. */
export const ANSWER_MS_MAX = 5_000;
/** How long the test of one outage may take on a busy machine, in milliseconds. */
export const OUTAGE_TEST_MS_MAX = 90_000;
/** Random pairs of requests that are compared with the oracle, and the tests that they are spread over. */
export const ORACLE_CASES = 2_000;
export const ORACLE_SEEDS = 4;
/** Applications of random shape that must not show a page to another visitor. */
export const PRIVACY_SEEDS = 60;
/** Requests with random keys, cookies and headers. `KVASIR_HOSTILE_REQUESTS=100000` is the long form. */
export const HOSTILE_REQUESTS = Number(process.env["KVASIR_HOSTILE_REQUESTS"] ?? 800);
/** How long they may take, in milliseconds: the long form takes minutes. */
export const HOSTILE_TEST_MS_MAX = 30_000 + HOSTILE_REQUESTS * 20;
