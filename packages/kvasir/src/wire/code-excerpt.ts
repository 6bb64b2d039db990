import { originalPositionFor, sourceContentFor } from "@jridgewell/trace-mapping";
import { FRAME, parsedMap, type RawSourceMap, sourcePath } from "./map-frames.js";

export interface CodeExcerpt {
  /** `file:line:column` in the user's source. */
  readonly place: string;
  /** Five lines with their numbers, and a caret under the column. */
  readonly text: string;
}

const LINES_AROUND = 2;
/** Minified code has lines of any length. */
const WIDTH = 110;

/**
 * The source around the topmost frame of a stack. Frames of the user's own files win over those of packages.
 * Returns `undefined` if the map does not contain the sources.
 */
export function codeExcerpt(stack: string, map: RawSourceMap): CodeExcerpt | undefined {
  const trace = parsedMap(map);
  if (trace === undefined) return undefined;
  const places = [...stack.matchAll(FRAME)].flatMap(([, line, column]) => {
    const { source, ...at } = originalPositionFor(trace, { line: Number(line), column: Number(column) - 1 });
    const content = source === null ? null : sourceContentFor(trace, source);
    if (source === null || content === null || at.line === null) return [];
    return [{ path: sourcePath(source), line: at.line, column: at.column, content }];
  });
  const place = places.find(({ path }) => !path.includes("node_modules/")) ?? places[0];
  if (place === undefined) return undefined;
  const { path, line, column, content } = place;
  return { place: `${path}:${line}:${column + 1}`, text: linesAround(content, line, column) };
}

/** @param line starts at 1; `column` starts at 0 */
function linesAround(content: string, line: number, column: number): string {
  const all = content.split(/\r?\n/);
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(all.length, line + LINES_AROUND);
  const caret = shown((all[line - 1] ?? "").slice(0, column)).length;
  const cut = caret < WIDTH ? 0 : caret - WIDTH / 2;
  const digits = String(last).length;
  const rows: string[] = [];
  for (let number = first; number <= last; number++) {
    const code = shown(all[number - 1] ?? "").slice(cut, cut + WIDTH);
    const mark = number === line ? ">" : " ";
    rows.push(`${mark} ${String(number).padStart(digits)} | ${code}`.trimEnd());
    if (number === line) rows.push(`  ${" ".repeat(digits)} | ${" ".repeat(caret - cut)}^`);
  }
  return rows.join("\n");
}

/** Tabs as two columns, without characters that could control a terminal. */
function shown(code: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return code.replaceAll("\t", "  ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}
