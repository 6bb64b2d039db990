import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { FunctionError } from "../../../failure/function-error.js";

const ENVIRONMENTS = [".venv", "venv"];
const NAMES = ["python3", "python"];

/** A folder with one of these is a Python project, whose virtual environment its subfolders use. */
const PROJECT_FILES = ["pyproject.toml", "uv.lock", "requirements.txt", "Pipfile", "setup.py"];

/**
 * Finds the Python that runs a function: KVASIR_PYTHON if it is set, otherwise a virtual environment in the
 * function's folder, otherwise one of a project above it (as uv's workspaces have it), otherwise an activated one
 * (VIRTUAL_ENV, which `poetry run` sets too), otherwise the first Python on the PATH.
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
    ...environmentsAt(root),
    ...projectsAbove(root).flatMap(environmentsAt),
    ...activated(environment),
    ...folders(environment).flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new FunctionError("This is a Python function, and there is no python3 on the PATH.", {
    hint: "Install Python 3.9 or newer, or set KVASIR_PYTHON to the path of one.",
  });
}

function environmentsAt(folder: string): string[] {
  return ENVIRONMENTS.map((name) => join(folder, name, "bin", "python"));
}

function activated({ VIRTUAL_ENV = "" }: NodeJS.ProcessEnv): string[] {
  return VIRTUAL_ENV === "" ? [] : [join(VIRTUAL_ENV, "bin", "python")];
}

function projectsAbove(root: string): string[] {
  const projects = [];
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    const parent = dirname(folder);
    if (PROJECT_FILES.some((name) => existsSync(join(parent, name)))) projects.push(parent);
  }
  return projects;
}

function folders({ PATH = "" }: NodeJS.ProcessEnv): string[] {
  return PATH.split(delimiter).filter((folder) => folder !== "");
}
