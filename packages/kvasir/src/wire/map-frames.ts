import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** A source map as JSON text. */
export type RawSourceMap = string;

/** Frames of the code that we put around the user's, and of the binding. */
const OWN_FRAME = /\n\s+at [^\n]*\bkvasir(?:-[a-z-]+\.js|:kv):\d+:\d+\)?/g;
/** Lines and columns begin at 1: a text may hold others, which the map refuses by throwing. */
const FRAME = /(?:file:\/\/\/)?\buser\.js:([1-9]\d*):([1-9]\d*)/g;

/**
 * Rewrites each `user.js:line:column` in a text (a stack, or workerd's message about code that does not load) to
 * the place in the user's source, and leaves out our own frames. Places that the map does not know stay.
 */
export function mapFrames(text: string, map: RawSourceMap): string {
  const trace = parsed(map);
  if (trace === undefined) return text;
  return text.replace(OWN_FRAME, "").replace(FRAME, (frame, line: string, column: string) => {
    const place = originalPositionFor(trace, { line: Number(line), column: Number(column) - 1 });
    if (place.source === null) return frame;
    // Paths in the map start from the bundle's folder, one below the function's.
    return `${place.source.replace(/^\.\.\//, "")}:${place.line}:${place.column + 1}`;
  });
}

// One is enough: errors of one function come in a row.
let last: { readonly text: string; readonly trace: TraceMap | undefined } | undefined;

function parsed(text: string): TraceMap | undefined {
  if (last?.text === text) return last.trace;
  let trace: TraceMap | undefined;
  try {
    trace = new TraceMap(text);
  } catch {
    // Without a map the bundle's own places are shown.
  }
  last = { text, trace };
  return trace;
}
