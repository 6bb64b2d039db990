import { isRequestId } from "../../wire/request-id.js";

/** Encloses the id of a request in front of a line that was printed during it. The Python runner writes it. */
const MARK = "\u001e";

/** A line of a function's output, and the id of the request during which it was printed, if it says so. */
export function markedLine(line: string): { readonly message: string; readonly request?: string } {
  const end = line.startsWith(MARK) ? line.indexOf(MARK, MARK.length) : -1;
  const request = line.slice(MARK.length, Math.max(end, 0));
  return isRequestId(request) ? { message: line.slice(end + MARK.length), request } : { message: line };
}
