import { existsSync } from "node:fs";
import { extname } from "node:path";

const EXTENSIONS = [".ts", ".tsx", ".js", ".jsx"];

/** Adds the extension that a config's `main` leaves out, as wrangler does. */
export function mainPath(path: string): string {
  if (extname(path) !== "" || existsSync(path)) return path;
  const extension = EXTENSIONS.find((candidate) => existsSync(path + candidate));
  return path + (extension ?? "");
}
