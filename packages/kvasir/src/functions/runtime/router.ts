import { arrive, control as gateControl, pass, startShut } from "./gate.js";

interface RouterEnv {
  readonly [binding: string]: unknown;
  readonly NAMES: readonly string[];
  readonly SECRET: string;
  readonly SHUT: boolean;
}

let prepared = false;

/** Several functions behind one address: `/<name>/…` goes to that function, which sees its own paths only. */
export default {
  async fetch(request: Request, env: RouterEnv): Promise<Response> {
    if (!prepared) {
      prepared = true;
      if (env.SHUT) startShut();
    }
    if (arrive()) await pass();
    const url = new URL(request.url);
    const [, first = ""] = url.pathname.split("/", 2);
    if (!env.NAMES.includes(first)) return notFound(env.NAMES, first);
    url.pathname = url.pathname.slice(first.length + 1) || "/";
    return (env[`function:${first}`] as Fetcher).fetch(new Request(url.href, request));
  },
};

export const control = {
  fetch: (request: Request, env: RouterEnv, ctx: ExecutionContext) =>
    gateControl(env.SECRET).fetch(request, env, ctx),
};

function notFound(names: readonly string[], wanted: string): Response {
  const known = names.map((name) => `  /${name}/\n`).join("");
  return new Response(`There is no function at /${wanted}. The functions here are:\n${known}`, {
    status: 404,
  });
}
