/** Encloses the id of a request in front of a line that was printed during it. The Python runner writes it. */
const MARKED = /^\u001e([\w.:@+/=-]{1,128})\u001e/;

/** A line of a function's output, and the id of the request during which it was printed, if it says so. */
export function markedLine(line: string): { readonly message: string; readonly request?: string } {
  const [mark, request] = MARKED.exec(line) ?? [];
  return mark === undefined || request === undefined
    ? { message: line }
    : { message: line.slice(mark.length), request };
}
