/**
 * Four processes with sixteen clients each, all at once: over HTTP on a server of two processes, and from
 * Workers on the same server. The test checks what the recipes' pages promise, with a durable store and no
 * waits.
 */
import { describeHammered } from "./hammer-suite.js";
import {
  CHECKS_PER_CLIENT,
  CLICKS_PER_CLIENT,
  CLIENTS_PER_PROCESS,
  EVENTS_PER_WRITER,
  FAILING_COMMITS_PER_CLIENT,
  INCREMENTS,
  INCREMENTS_AT_ONCE,
  LIMIT,
  LOCKS_PER_CLIENT,
} from "./limits.js";

describeHammered(
  ["over HTTP", "from Workers"],
  {
    clients: CLIENTS_PER_PROCESS,
    increments: INCREMENTS,
    incrementsAtOnce: INCREMENTS_AT_ONCE,
    limit: LIMIT,
    checksPerClient: CHECKS_PER_CLIENT,
    locksPerClient: LOCKS_PER_CLIENT,
    eventsPerWriter: EVENTS_PER_WRITER,
    clicksPerClient: CLICKS_PER_CLIENT,
    failingCommitsPerClient: FAILING_COMMITS_PER_CLIENT,
  },
  () => ({ argsOfServers: [["--workers", "2"]] }),
);
