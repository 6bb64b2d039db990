import { onTestFinished } from "vitest";
import { Project, type Running, run } from "../functions/harness.ts";

/** Starts one function for one test: its code, or the files of its project. */
export async function started(
  code: string | Readonly<Record<string, string>>,
  options: Parameters<typeof run>[1] & { readonly paths?: readonly string[] } = {},
): Promise<Running & { readonly url: string; ask(path?: string, init?: RequestInit): Promise<Response> }> {
  const { paths, ...rest } = options;
  const project = new Project(typeof code === "string" ? { "fn.js": code } : code);
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
