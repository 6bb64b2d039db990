import { existsSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
import { readConfigDocument } from "./config-document.js";

const POINTER = join(".wrangler", "deploy", "config.json");

/**
 * The config that a build tool wrote in place of the user's. The tool names it in
 * `.wrangler/deploy/config.json`, beside the user's config. Returns `undefined` if there is none.
 *
 * @throws FunctionError if that file leads nowhere
 */
export function redirectedConfig(userConfigPath: string): string | undefined {
  if (isPointer(userConfigPath)) return followPointer(userConfigPath);
  const pointer = join(dirname(userConfigPath), POINTER);
  return existsSync(pointer) ? followPointer(pointer) : undefined;
}

/** The nearest file that leads to a written config. It stands for the user's config where there is none. */
export function nearestPointer(folder: string): string | undefined {
  const pointer = join(folder, POINTER);
  if (existsSync(pointer)) return pointer;
  const above = dirname(folder);
  return above === folder ? undefined : nearestPointer(above);
}

/** The folder of the project that a config belongs to: where its local variables and its data are. */
export function projectFolder(userConfigPath: string): string {
  return isPointer(userConfigPath) ? resolve(dirname(userConfigPath), "..", "..") : dirname(userConfigPath);
}

export function isPointer(path: string): boolean {
  return path.endsWith(join(sep, POINTER));
}

function followPointer(pointer: string): string {
  const { configPath } = (readConfigDocument(pointer).value ?? {}) as { readonly configPath?: unknown };
  if (typeof configPath !== "string" || configPath === "") {
    throw new FunctionError(`${pointer} names no configPath.`, { hint: DELETE_IT });
  }
  const written = resolve(dirname(pointer), configPath);
  if (existsSync(written)) return written;
  throw new FunctionError(`${pointer} leads to ${written}, which does not exist.`, { hint: DELETE_IT });
}

const DELETE_IT = "Build the project again, or delete this file if no build tool writes it any more.";
