import { existsSync, statSync } from "node:fs";
import { FunctionError } from "../../failure/function-error.js";

/**
 * @param where file and line of the setting
 * @throws FunctionError if the entry module of a config is not a file
 */
export function checkMain(
  main: string,
  where: string,
  key: "main" | "prelude" | "site.entry-point" = "main",
): void {
  const wanted = key === "prelude" ? "the module that makes the globals" : "the function's entry module";
  if (!existsSync(main)) {
    throw new FunctionError(`${where}: ${key} is ${main}, which does not exist.`, {
      hint: `Create the file, or set ${key} to ${wanted}.`,
    });
  }
  if (statSync(main).isDirectory()) {
    throw new FunctionError(`${where}: ${key} is ${main}, which is a folder.`, {
      hint: `Set ${key} to ${wanted}, for example src/index.ts.`,
    });
  }
}
