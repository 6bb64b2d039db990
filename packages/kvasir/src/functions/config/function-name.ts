import { basename, dirname, extname } from "node:path";

/** File names that say nothing about the function. The name of the folder is used instead. */
const ANONYMOUS = new Set(["index", "main", "worker", "src", "_worker", "func", "function", "handler"]);

/** The name of a function that is a single file. */
export function scriptName(script: string): string {
  const name = basename(script, extname(script));
  return ANONYMOUS.has(name) ? folderName(dirname(script)) : name;
}

/** Whether a file's name says something about the function. */
export function isNamed(script: string): boolean {
  return !ANONYMOUS.has(basename(script, extname(script)));
}

/** The name of a function whose config does not name it. */
export function folderName(folder: string): string {
  const name = basename(folder);
  return ANONYMOUS.has(name) ? basename(dirname(folder)) || name : name;
}

/**
 * Replaces unsafe characters: the name is a path segment of the function's URL and the name of its service.
 */
export function workerName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+|[.-]+$/g, "") || "worker";
}
