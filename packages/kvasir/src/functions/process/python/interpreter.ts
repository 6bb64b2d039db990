import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FunctionError } from "../../../failure/function-error.js";

const ENVIRONMENTS = [".venv", "venv"];
const NAMES = ["python3", "python"];

/**
 * Finds the Python that runs a function: KVASIR_PYTHON if it is set, otherwise a virtual environment in the
 * function's folder, otherwise the first Python on the PATH.
 *
 * @throws FunctionError if there is none
 */
export function findPython(root: string, environment: NodeJS.ProcessEnv): string {
  const chosen = environment["KVASIR_PYTHON"];
  if (chosen !== undefined && chosen !== "") {
    if (existsSync(chosen)) return chosen;
    throw new FunctionError(`KVASIR_PYTHON is ${chosen}, which does not exist.`, {
      hint: "Set it to the path of a Python 3.9 or newer, or unset it.",
    });
  }
  const candidates = [
    ...ENVIRONMENTS.map((name) => join(root, name, "bin", "python")),
    ...folders(environment).flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new FunctionError("This is a Python function, and there is no python3 on the PATH.", {
    hint: "Install Python 3.9 or newer, or set KVASIR_PYTHON to the path of one.",
  });
}

function folders({ PATH = "" }: NodeJS.ProcessEnv): string[] {
  return PATH.split(delimiter).filter((folder) => folder !== "");
}
