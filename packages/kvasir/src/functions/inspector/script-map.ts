import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  GREATEST_LOWER_BOUND,
  generatedPositionFor,
  LEAST_UPPER_BOUND,
  originalPositionFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import type { RawSourceMap } from "../../wire/map-frames.js";

/** A place in a script or in its source. Both numbers start at 0, as in the inspector's protocol. */
export interface ScriptPlace {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A breakpoint for a line names its first column, which may be in front of the first statement. */
const BIASES = [GREATEST_LOWER_BOUND, LEAST_UPPER_BOUND] as const;

/** The source map of one version of a function's bundle. */
export class ScriptMap {
  readonly #json: RawSourceMap;
  readonly #folder: string;
  #trace: TraceMap | undefined;
  #url: Promise<string> | undefined;

  /** @param folder the folder to which the map's paths are relative */
  constructor(json: RawSourceMap, folder: string) {
    this.#json = json;
    this.#folder = folder;
  }

  /**
   * The map as a `data:` URL, with the text of the sources. Debuggers cannot load a map from workerd, and some
   * run where they cannot read the files.
   */
  url(): Promise<string> {
    this.#url ??= this.#makeUrl();
    return this.#url;
  }

  /** Where the source of a place in this version's bundle is in another version's bundle. */
  translate({ lineNumber, columnNumber }: ScriptPlace, to: ScriptMap): ScriptPlace | undefined {
    const generated = { line: lineNumber + 1, column: columnNumber };
    for (const bias of BIASES) {
      const { source, line, column } = originalPositionFor(this.#traced, { ...generated, bias });
      if (source === null) continue;
      for (const bias of BIASES) {
        const place = generatedPositionFor(to.#traced, { source, line, column, bias });
        if (place.line !== null) return { lineNumber: place.line - 1, columnNumber: place.column };
      }
    }
    return undefined;
  }

  get #traced(): TraceMap {
    this.#trace ??= new TraceMap(this.#json);
    return this.#trace;
  }

  async #makeUrl(): Promise<string> {
    const map = JSON.parse(this.#json) as { readonly sources: readonly string[] };
    const read = await Promise.all(map.sources.map((source) => this.#read(source)));
    const sources = read.map(({ url }) => url);
    const sourcesContent = read.map(({ text }) => text);
    const json = JSON.stringify({ ...map, sources, sourcesContent });
    return `data:application/json;base64,${Buffer.from(json).toString("base64")}`;
  }

  async #read(source: string): Promise<{ readonly url: string; readonly text: string | null }> {
    const path = resolve(this.#folder, source);
    try {
      return { url: pathToFileURL(path).href, text: await readFile(path, "utf8") };
    } catch {
      // Code that the bundler made is in no file.
      return { url: source, text: null };
    }
  }
}
