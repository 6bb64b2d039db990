import { env } from "cloudflare:workers";
import { bringsTime } from "./fake-date.js";
import { arrive, control as gateControl, pass, startShut } from "./gate.js";

interface RouterEnv {
  readonly [binding: string]: unknown;
  readonly NAMES: readonly string[];
  readonly SECRET: string;
}

if (env["SHUT"] === true) startShut();

/** Several functions behind one address: `/<name>/…` goes to that function, which sees its own paths only. */
export default {
  async fetch(request: Request, bindings: RouterEnv): Promise<Response> {
    if (arrive()) await pass();
    const url = new URL(request.url);
    const [, first = ""] = url.pathname.split("/", 2);
    if (!bindings.NAMES.includes(first)) return notFound(bindings.NAMES, first);
    url.pathname = url.pathname.slice(first.length + 1) || "/";
    return (bindings[`function:${first}`] as Fetcher).fetch(new Request(url.href, request));
  },
};

export const control = {
  fetch: (request: Request, bindings: RouterEnv, ctx: ExecutionContext) =>
    bringsTime(request, bindings.SECRET)
      ? passTimeOn(request, bindings)
      : gateControl(bindings.SECRET).fetch(request, bindings, ctx),
};

/** Each function has a `Date` of its own. */
async function passTimeOn(request: Request, bindings: RouterEnv): Promise<Response> {
  const body = await request.text();
  await Promise.all(
    bindings.NAMES.map((name) =>
      (bindings[`control:${name}`] as Fetcher).fetch(request.url, { method: "POST", body }),
    ),
  );
  return new Response(null, { status: 204 });
}

function notFound(names: readonly string[], wanted: string): Response {
  const known = names.map((name) => `  /${name}/\n`).join("");
  return new Response(`There is no function at /${wanted}. The functions here are:\n${known}`, {
    status: 404,
  });
}
