import type { FunctionReport } from "../../wire/function-report.js";
import { objectIn } from "./lines.js";

/** What stands behind {@link REPORT_MARK}; `undefined` for what our own code did not write: a function can print the mark. */
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
