import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "jsonc-parser";

/** Longest chain of `extends`. Chains in a circle end here, too. */
const EXTENDS_MAX = 10;

/** A tsconfig.json and the files that it extends, whether they exist or not. */
export function tsconfigFiles(path: string, depth = 0): string[] {
  if (depth === EXTENDS_MAX) return [];
  const extended = extendsOf(path).flatMap((text) => extendedPaths(text, dirname(path)));
  return [path, ...extended.flatMap((file) => tsconfigFiles(file, depth + 1))];
}

function extendsOf(path: string): string[] {
  try {
    const { extends: value }: { extends?: unknown } = parse(readFileSync(path, "utf8")) ?? {};
    return [value].flat().filter((text) => typeof text === "string");
  } catch {
    // It does not exist. esbuild reports what is wrong with a file that does.
    return [];
  }
}

function extendedPaths(text: string, folder: string): string[] {
  const isPath = text.startsWith(".") || isAbsolute(text);
  const bases = isPath ? [resolve(folder, text)] : packagePaths(text, folder);
  return bases.flatMap((base) => (base.endsWith(".json") ? [base] : [base, `${base}.json`]));
}

function packagePaths(text: string, folder: string): string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    paths.push(join(at, "node_modules", text));
    if (dirname(at) === at) return paths;
  }
}
