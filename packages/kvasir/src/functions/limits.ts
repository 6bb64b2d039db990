/** Limits for building, starting and watching functions. */

/** Connections that the kernel queues while no workerd accepts, during a restart or a burst. */
export const LISTEN_BACKLOG = 4096;
/** How long a workerd may take from start to listening, in milliseconds. */
export const START_MS_MAX = 15_000;
/** Pause at the end of a reload, in milliseconds: clients notice closed connections meanwhile. */
export const SETTLE_MS = 5;
/** How long requests in flight may take to finish after SIGTERM, in milliseconds. SIGKILL ends the rest. */
export const DRAIN_TIMEOUT_MS = 4_000;
/**
 * The same at a reload of a function with Durable Objects, in milliseconds. New requests wait meanwhile, because
 * the files of the objects must not be open twice. A WebSocket uses it up.
 */
export const ALONE_DRAIN_MS = 500;
/**
 * How long before that deadline background work is given up, in milliseconds: time to report unfinished work.
 */
export const CUT_OFF_REPORT_MS = 200;
/** How long all functions together may take to end, in milliseconds. The data is closed after that. */
export const CLOSE_MS_MAX = 4_200;
/** The least part of that time, in milliseconds, for the workerds behind the one that clients connect to. */
export const LAST_CLOSE_MS_MIN = 200;
/** First and longest pause before a crashed workerd is restarted, in milliseconds. It doubles in between. */
export const RESTART_DELAY_MS_MIN = 50;
export const RESTART_DELAY_MS_MAX = 5_000;
/** If a workerd ran this long, in milliseconds, before it crashed, the pause starts at its minimum again. */
export const STABLE_AFTER_MS = 10_000;
/**
 * How long changes are collected before a rebuild, in milliseconds: editors write a file in several steps.
 */
export const WATCH_DEBOUNCE_MS = 5;
/** How often a build is made anew because files were edited meanwhile, before it is used as it is. */
export const OVERTAKEN_BUILDS_MAX = 3;
/** Longest line of workerd's output, in UTF-16 units. Longer lines are split. */
export const OUTPUT_LINE_LENGTH_MAX = 1_048_576;
/** Number of output lines kept to explain why a workerd does not start. */
export const STARTUP_LINES_MAX = 50;
/** Timeout of a control request, in milliseconds. */
export const CONTROL_TIMEOUT_MS = 2_000;
/**
 * How long code in a Worker may block its workerd, in milliseconds of CPU time. It
 * is Cloudflare's CPU time limit.
 */
export const BUSY_MS_MAX = 30_000;
/** How often a workerd is checked for whether it still responds, in milliseconds. */
export const BUSY_CHECK_INTERVAL_MS = 5_000;
/** Most messages of a debugger that wait for the next workerd. */
export const INSPECTOR_QUEUE_MAX = 1_000;
/** How often a debugger's connection to workerd is tried, and the pause between, in milliseconds. */
export const INSPECTOR_ATTEMPTS_MAX = 20;
export const INSPECTOR_RETRY_MS = 25;
/** Most workerd processes of one `serve`. */
export const PROCESSES_MAX = 64;
/** Most files that become modules of a function without being imported. */
export const ADDITIONAL_MODULES_MAX = 10_000;
/** Most folders that are watched for edits. */
export const WATCHED_FOLDERS_MAX = 5_000;
/** Longest chain of symbolic links that is followed to a file. Linux has the same limit. */
export const LINKS_MAX = 40;
/** How long a build command may run, in milliseconds. */
export const BUILD_COMMAND_MS_MAX = 300_000;
/** How many runs in a row a build command may start by what it writes into the folders that it is started by. */
export const BUILD_COMMAND_ECHOES_MAX = 5;
/** When it is reported that a build command still runs, and how often from then on, in milliseconds. */
export const BUILD_COMMAND_NOTICE_MS = 5_000;
export const BUILD_COMMAND_NOTICE_AGAIN_MS = 60_000;
