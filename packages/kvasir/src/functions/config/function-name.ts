import { basename, dirname, extname } from "node:path";

/** Names that say nothing about a function: its folder's is used instead. */
const ANONYMOUS = new Set(["index", "main", "worker", "src", "_worker", "func", "function", "handler"]);

/** The name of a function that is one file. */
export function scriptName(script: string): string {
  const name = basename(script, extname(script));
  return ANONYMOUS.has(name) ? folderName(dirname(script)) : name;
}

/** The name of a function whose config gives it none. */
export function folderName(folder: string): string {
  const name = basename(folder);
  return ANONYMOUS.has(name) ? basename(dirname(folder)) || name : name;
}

/** A name is a path segment of the function's address and the name of its service. */
export function workerName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+|[.-]+$/g, "") || "worker";
}
