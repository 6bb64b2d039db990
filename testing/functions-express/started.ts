import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Project, type Running, run } from "../functions/harness.ts";

type StartOptions = NonNullable<Parameters<typeof run>[1]> & {
  /** Paths in the project. @default the one file fn.js */
  readonly paths?: readonly string[];
  /** Whether the project has the packages that this repository's tests have. @default false */
  readonly nodeModules?: boolean;
};

const NODE_MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Starts one function for one test, from its code or from the files of its project. */
export async function started(
  code: string | Readonly<Record<string, string>>,
  options: StartOptions = {},
): Promise<Running & { readonly url: string; ask(path?: string, init?: RequestInit): Promise<Response> }> {
  const { paths, nodeModules = false, ...rest } = options;
  const project = new Project(typeof code === "string" ? { "fn.js": code } : code);
  if (nodeModules) symlinkSync(NODE_MODULES, join(project.root, "node_modules"));
  const running = await run(
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
    ask: (path = "/", init) => fetch(url + path, { redirect: "manual", ...init }),
  };
}
