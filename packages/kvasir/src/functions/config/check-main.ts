import { existsSync, statSync } from "node:fs";
import { FunctionError } from "../function-error.js";

/**
 * @param where file and line of the setting
 * @throws FunctionError when a config's entry module is no file
 */
export function checkMain(main: string, where: string): void {
  if (!existsSync(main)) {
    throw new FunctionError(`${where}: main is ${main}, which does not exist.`, {
      hint: "Create the file, or set main to the function's entry module.",
    });
  }
  if (statSync(main).isDirectory()) {
    throw new FunctionError(`${where}: main is ${main}, which is a folder.`, {
      hint: "Set main to the function's entry module, for example src/index.ts.",
    });
  }
}
