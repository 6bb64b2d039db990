import { readFileSync } from "node:fs";
import {
  findNodeAtLocation,
  getNodeValue,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { parse as parseToml, TomlError } from "smol-toml";
import { FunctionError } from "../../failure/function-error.js";

/** A parsed config file that can locate its keys. */
export interface ConfigDocument {
  readonly path: string;
  readonly value: unknown;
  /** `file:line` of a key. Only the file for TOML, whose parser reports no locations. */
  locate(keys: readonly (string | number)[]): string;
}

/**
 * Reads a wrangler.json, wrangler.jsonc (comments and trailing commas are allowed in both) or wrangler.toml.
 *
 * @throws FunctionError with file, line and column if it cannot be parsed
 */
export function readConfigDocument(path: string): ConfigDocument {
  const text = readText(path);
  return path.endsWith(".toml") ? readToml(path, text) : readJsonc(path, text);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    throw new FunctionError(`${path} cannot be read: ${(cause as Error).message}`, {
      hint: "Check the path and its permissions.",
      cause,
    });
  }
}

function readJsonc(path: string, text: string): ConfigDocument {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [error] = errors;
  if (error !== undefined) {
    const problem = printParseErrorCode(error.error)
      .replace(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase();
    throw new FunctionError(`${path}:${position(text, error.offset)}: this is not JSON: ${problem}.`, {
      hint: "Comments and trailing commas are fine; look for a missing comma, quote or bracket just before that place.",
    });
  }
  return {
    path,
    value: tree === undefined ? {} : (getNodeValue(tree) as unknown),
    locate(keys) {
      // Use the nearest existing parent: a missing key is reported where it should have been.
      for (let depth = keys.length; depth >= 0 && tree !== undefined; depth--) {
        const node = findNodeAtLocation(tree, keys.slice(0, depth));
        if (node !== undefined) return `${path}:${position(text, node.offset).split(":")[0]}`;
      }
      return path;
    },
  };
}

function readToml(path: string, text: string): ConfigDocument {
  try {
    return { path, value: parseToml(text), locate: () => path };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const problem = cause.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    throw new FunctionError(`${path}:${cause.line}:${cause.column}: this is not TOML: ${problem}.`, {
      hint: "See https://toml.io for the format, or use a wrangler.jsonc.",
    });
  }
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
