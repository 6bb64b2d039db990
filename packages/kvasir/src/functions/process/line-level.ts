export type LineLevel = "debug" | "info" | "warn" | "error";

const LEVELS: Readonly<Record<string, LineLevel>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  NOTICE: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
  FATAL: "error",
  PANIC: "error",
};

/** Where the usual formats of logging libraries have the level. */
const FORMATS = [
  // Python's logging.basicConfig(): ERROR:root:text
  /^([A-Z]+):[\w.]+:/,
  // Formats with a time in front, such as "%(asctime)s %(levelname)s %(message)s", and Go's slog.
  /^\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\s+(?:[\w.]+\s+)?\[?([A-Z]+)\]?\b/,
  // uvicorn and others: ERROR:    text, [ERROR] text
  /^\[?([A-Z]+)[:\]]\s/,
  // logfmt and Go's slog.TextHandler: level=ERROR
  /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]+)/,
];

/** JSON of structlog, python-json-logger, Go's slog.JSONHandler, zerolog, zap and logrus. */
const JSON_LEVEL = /^\{.*"(?:level|levelname|severity|lvl)"\s*:\s*"([A-Za-z]+)"/;

/** The level that a log line states. `undefined` if it states none. */
export function lineLevel(line: string): LineLevel | undefined {
  const formats = line.startsWith("{") ? [JSON_LEVEL] : FORMATS;
  for (const format of formats) {
    const level = LEVELS[format.exec(line)?.[1]?.toUpperCase() ?? ""];
    if (level !== undefined) return level;
  }
  return undefined;
}
