/** The bounds of building, starting and watching functions. */

/** Connections that the kernel holds while no workerd accepts: during a restart, or under a burst. */
export const LISTEN_BACKLOG = 4096;
/** How long a workerd may take from start to listening, in milliseconds. */
export const START_MS_MAX = 15_000;
/** How long a reload waits, once done, before it says so, in milliseconds. */
export const SETTLE_MS = 5;
/** How long requests under way may take to finish after SIGTERM, in milliseconds; SIGKILL ends the rest. */
export const DRAIN_TIMEOUT_MS = 4_000;
/** How long before that work after responses is given up, in milliseconds: time to say what did not finish. */
export const CUT_OFF_REPORT_MS = 200;
/** How long all functions together may take to end, in milliseconds; the data is closed after them. */
export const CLOSE_MS_MAX = 4_200;
/** How much of it is left, at least, for what is behind the workerd that clients connect to. */
export const LAST_CLOSE_MS_MIN = 200;
/** First and longest pause before a crashed workerd is started again, in milliseconds; it doubles in between. */
export const RESTART_DELAY_MS_MIN = 50;
export const RESTART_DELAY_MS_MAX = 5_000;
/** A workerd that ran this long, in milliseconds, had started well: the next pause is the first one again. */
export const STABLE_AFTER_MS = 10_000;
/** How long changes are gathered before a rebuild, in milliseconds: editors write a file in several steps. */
export const WATCH_DEBOUNCE_MS = 5;
/** Longest line that workerd's output is cut into, in UTF-16 units. */
export const OUTPUT_LINE_LENGTH_MAX = 1_048_576;
/** Lines of output kept to explain a workerd that does not start. */
export const STARTUP_LINES_MAX = 50;
/** How long an answer to a control request may take, in milliseconds. */
export const CONTROL_TIMEOUT_MS = 2_000;
/** How long code in a Worker may keep its workerd from everything else, in milliseconds; Cloudflare's limit of CPU time. */
export const BUSY_MS_MAX = 30_000;
/** How often a workerd is asked whether it still answers, in milliseconds. */
export const BUSY_CHECK_INTERVAL_MS = 5_000;
/** Most workerd processes of one `serve`. */
export const PROCESSES_MAX = 64;
