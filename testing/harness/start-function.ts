import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { NODE_MODULES } from "./checkout.js";
import { type Running, type RunOptions, runFunctions } from "./functions.js";
import { Project } from "./project.js";

export interface StartOptions extends RunOptions {
  /** Paths in the project. @default the one file fn.js */
  readonly paths?: readonly string[];
  /** Whether the project has the packages that this repository's tests have. @default false */
  readonly nodeModules?: boolean;
}

export interface Started extends Running {
  readonly url: string;
  readonly project: Project;
  ask(path?: string, init?: RequestInit): Promise<Response>;
}

/** Starts one function for one test, from its code or from the files of its project. */
export async function startFunction(
  code: string | Readonly<Record<string, string>>,
  options: StartOptions = {},
): Promise<Started> {
  const { paths, nodeModules = false, ...rest } = options;
  const project = new Project(typeof code === "string" ? { "fn.js": code } : code);
  if (nodeModules) symlinkSync(NODE_MODULES, join(project.root, "node_modules"));
  const running = await runFunctions(
    (paths ?? ["fn.js"]).map((path) => `${project.root}/${path}`),
    rest,
  );
  onTestFinished(async () => {
    await running.close();
    project.remove();
  });
  const { url } = running.functions;
  return {
    ...running,
    url,
    project,
    ask: (path = "/", init) => fetch(url + path, { redirect: "manual", ...init }),
  };
}
