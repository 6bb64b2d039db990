import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
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
  const pointer = join(dirname(userConfigPath), POINTER);
  if (!existsSync(pointer)) return undefined;
  const { configPath } = (readConfigDocument(pointer).value ?? {}) as { readonly configPath?: unknown };
  if (typeof configPath !== "string" || configPath === "") {
    throw new FunctionError(`${pointer} names no configPath.`, { hint: DELETE_IT });
  }
  const written = resolve(dirname(pointer), configPath);
  if (existsSync(written)) return written;
  throw new FunctionError(`${pointer} leads to ${written}, which does not exist.`, { hint: DELETE_IT });
}

const DELETE_IT = "Build the project again, or delete this file if no build tool writes it any more.";
