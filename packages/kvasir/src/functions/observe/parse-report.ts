import type { FunctionReport } from "../../wire/function-report.js";
import { objectIn } from "./lines.js";

/**
 * Parses the text after {@link REPORT_MARK}. Returns `undefined` for anything but a report: user code can
 * print the mark.
 */
export function parseReport(text: string): FunctionReport | undefined {
  const report = objectIn(text) ?? {};
  const { type } = report;
  const isString = (name: string) => typeof report[name] === "string";
  const isNumber = (name: string) => typeof report[name] === "number";
  const isWhole =
    isString("function") &&
    ((type === "error" && isString("message") && isString("stack")) ||
      (type === "request" && ["method", "path"].every(isString) && ["status", "ms"].every(isNumber)) ||
      (type === "unfinished" && isNumber("tasks")) ||
      type === "timeout");
  return isWhole ? (report as FunctionReport) : undefined;
}
