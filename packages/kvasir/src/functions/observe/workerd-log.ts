import type { EventSink, KvasirEvent } from "../../events/events.js";
import { printedTarget } from "../../events/printed-target.js";
import { Repeats } from "../../events/repeats.js";
import {
  CONSOLE_MARK,
  type FunctionReport,
  REPORT_MARK,
  type RequestCounts,
} from "../../wire/function-report.js";
import { cutOff } from "./cut-off.js";
import { objectIn } from "./lines.js";
import { parseReport } from "./parse-report.js";

/** A line of workerd's structured log. */
interface LogLine {
  readonly level: string;
  readonly message: string;
  /** The origin of the line in workerd's code. Absent for console output of functions. */
  readonly source?: string;
}

export interface WorkerdLogOptions {
  readonly onEvent: EventSink;
  /** The only function that writes to this console. `undefined` for the router, which has no console. */
  readonly only: () => string | undefined;
  /** Replaces locations in the bundle by locations in the source. */
  readonly mapFrames: (functionName: string | undefined, text: string) => string;
  /** The code around the place where an error was thrown. */
  readonly excerpt: (functionName: string | undefined, stack: string) => string | undefined;
  /** Called when a process function did not respond to a request in time. */
  readonly onTimeout?: (functionName: string) => void;
  /** Called about once a second while a function gets requests. */
  readonly onRequests?: (functionName: string, counts: RequestCounts) => void;
}

/** Turns the lines that workerd writes into events. */
export function workerdLog({
  onEvent,
  only,
  mapFrames,
  excerpt,
  onTimeout,
  onRequests,
}: WorkerdLogOptions): (line: string) => void {
  const repeats = new Repeats();
  return (line) => {
    const log = parseLogLine(line);
    const report = log?.message.startsWith(REPORT_MARK)
      ? parseReport(log.message.slice(REPORT_MARK.length))
      : undefined;
    if (log === undefined) {
      if (line !== "") onEvent(logEvent("info", only(), line));
    } else if (log.source !== undefined) {
      const event = ownLineEvent(log.message, only(), repeats);
      if (event !== undefined) onEvent(event);
    } else if (report !== undefined) {
      if (report.type === "timeout") onTimeout?.(report.function);
      else if (report.type === "requests") onRequests?.(report.function, report);
      else onEvent(reportEvent(report, { mapFrames, excerpt }));
    } else {
      const { name = only(), message } = writer(log.message);
      onEvent(logEvent(levelOf(log.level), name, mapFrames(name, message)));
    }
  };
}

/**
 * An exception that our wrapper cannot catch: while the response streams, or after the request was cancelled.
 */
const THROWN = /^Uncaught exception: .*?\bremote\.jsg\.(.+)$/s;
/** workerd's message for a request that waits for something that can never happen. */
const HUNG = /code had hung and would never generate a response/;
/**
 * Lines to ignore: errors of a start and their consequences, which are reported elsewhere, notes on unneeded flags,
 * and clients that refuse the certificate of https or do not speak it, which say so themselves.
 */
const NEEDLESS =
  /^service [^:]+:[^:]+: (?:Uncaught |(?:No such c|C)ompatibility flag)|" refers to service "function:[^"]+" with a named entrypoint |became the default as of|TLS handshake failed/;

/**
 * Handles workerd's own messages. Most errors of functions are reported in more
 * detail by the code around them.
 */
function ownLineEvent(text: string, name: string | undefined, repeats: Repeats): KvasirEvent | undefined {
  if (NEEDLESS.test(text)) return undefined;
  const thrown = THROWN.exec(text)?.[1];
  if (thrown === undefined) {
    const message = repeats.admit(`workerd: ${text}`);
    return message === undefined ? undefined : { event: "log", level: "debug", message };
  }
  return {
    event: "error",
    ...(name === undefined ? {} : { function: name }),
    ...(HUNG.test(thrown)
      ? {
          message: "A request was given up: nothing that its answer waits for can happen any more.",
          hint: "Look for a promise that is never resolved.",
        }
      : { message: thrown }),
  };
}

/** Separates the label of a log that several functions share (`runtime/before.ts`). */
function writer(text: string): { readonly name?: string; readonly message: string } {
  if (!text.startsWith(CONSOLE_MARK)) return { message: text };
  const [, name = "", ...rest] = text.split(CONSOLE_MARK);
  return { name, message: rest.join(CONSOLE_MARK).replace(/^ (?=\S)/, "") };
}

/** Whether workerd itself wrote a line, as opposed to a function through its console. */
export function isOwnLine(line: string): boolean {
  const log = parseLogLine(line);
  return log === undefined || log.source !== undefined;
}

/** Returns `undefined` if the line does not belong to the structured log. */
export function parseLogLine(line: string): LogLine | undefined {
  const { level, message, source } = objectIn(line) ?? {};
  if (typeof message !== "string" || typeof level !== "string") return undefined;
  return { level, message, ...(typeof source === "string" ? { source } : {}) };
}

function reportEvent(
  report: Exclude<FunctionReport, { type: "timeout" | "requests" }>,
  { mapFrames, excerpt: excerptOf }: Pick<WorkerdLogOptions, "mapFrames" | "excerpt">,
): KvasirEvent {
  const { function: name } = report;
  if (report.type === "unfinished") {
    return cutOff(name, { requests: 0, tasks: report.tasks });
  }
  if (report.type === "error") {
    const stack = mapFrames(name, report.stack);
    const excerpt = excerptOf(name, report.stack);
    return {
      event: "error",
      function: name,
      ...(report.request === undefined ? {} : { request: report.request }),
      message: report.message,
      ...(stack === "" ? {} : { stack }),
      ...(excerpt === undefined ? {} : { excerpt }),
    };
  }
  const { request, method, path, status, ms, bytes } = report;
  return {
    event: "request",
    request,
    function: name,
    method,
    path: printedTarget(path),
    status,
    ms,
    ...(bytes === undefined ? {} : { bytes }),
  };
}

type Level = Extract<KvasirEvent, { event: "log" }>["level"];

function levelOf(level: string): Level {
  return level === "debug" || level === "warn" || level === "error" ? level : "info";
}

function logEvent(level: Level, name: string | undefined, message: string): KvasirEvent {
  return { event: "log", level, ...(name === undefined ? {} : { function: name }), message };
}
