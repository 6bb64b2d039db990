import { env } from "cloudflare:workers";
import { processEnded } from "./forward.js";
import { arrive, control as gateControl, pass, startShut } from "./gate.js";

interface RouterEnv {
  readonly [binding: string]: unknown;
  readonly NAMES: readonly string[];
  readonly SECRET: string;
}

if (env["SHUT"] === true) startShut();

/** Forwards `/<name>/…` to the function of that name. The function sees its paths without the prefix. */
export default {
  async fetch(request: Request, bindings: RouterEnv): Promise<Response> {
    if (arrive()) await pass();
    const url = new URL(request.url);
    const [, first = ""] = url.pathname.split("/", 2);
    if (!bindings.NAMES.includes(first)) return notFound(bindings.NAMES, first);
    url.pathname = url.pathname.slice(first.length + 1) || "/";
    try {
      return await (bindings[`function:${first}`] as Fetcher).fetch(new Request(url.href, request));
    } catch {
      // The function handles its own exceptions, so this means that its workerd has ended.
      return processEnded(first);
    }
  },
};

export const control = {
  fetch: (request: Request, bindings: RouterEnv) => gateControl(bindings.SECRET).fetch(request),
};

function notFound(names: readonly string[], wanted: string): Response {
  const known = names.map((name) => `  /${name}/\n`).join("");
  return new Response(`There is no function at /${wanted}. The functions here are:\n${known}`, {
    status: 404,
  });
}
