import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** A source map as JSON text. */
export type RawSourceMap = string;

/** Frames of our own code around the user's, and of the binding. */
const OWN_FRAME = /\n\s+at [^\n]*\bkvasir(?:-[a-z-]+\.js|:kv):\d+:\d+\)?/g;
/** Lines and columns start at 1. Text from a user may contain 0, for which the source map throws. */
export const FRAME = /(?:file:\/\/\/)?\buser\.js:([1-9]\d*):([1-9]\d*)/g;

/**
 * Replaces each `user.js:line:column` in a text (a stack, or workerd's message about code that does not load)
 * by the location in the user's source, and removes our own frames. Unknown locations stay as they are.
 */
export function mapFrames(text: string, map: RawSourceMap): string {
  const trace = parsedMap(map);
  if (trace === undefined) return text;
  return text.replace(OWN_FRAME, "").replace(FRAME, (frame, line: string, column: string) => {
    const place = originalPositionFor(trace, { line: Number(line), column: Number(column) - 1 });
    if (place.source === null) return frame;
    return `${sourcePath(place.source)}:${place.line}:${place.column + 1}`;
  });
}

/** Paths in the map are relative to the bundle's folder, which is one level below the function's folder. */
export function sourcePath(source: string): string {
  return source.replace(/^\.\.\//, "");
}

// Keeps only the last map: errors of one function usually come in a row.
let last: { readonly text: string; readonly trace: TraceMap | undefined } | undefined;

/** Returns `undefined` if the text is not a source map. */
export function parsedMap(text: string): TraceMap | undefined {
  if (last?.text === text) return last.trace;
  let trace: TraceMap | undefined;
  try {
    trace = new TraceMap(text);
  } catch {
    // Without a valid map the locations in the bundle are shown.
  }
  last = { text, trace };
  return trace;
}
