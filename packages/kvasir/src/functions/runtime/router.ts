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
  fetch: (request: Request, bindings: RouterEnv) =>
    bringsTime(request, bindings.SECRET)
      ? passTimeOn(request, bindings)
      : gateControl(bindings.SECRET, (opened, msMax) => finishAll(bindings, opened, msMax)).fetch(request),
};

/** Each function counts its own work. The gate is in front of them all, so theirs open when it has. */
async function finishAll(bindings: RouterEnv, opened: Promise<unknown>, msMax: number): Promise<void> {
  const finishOne = async (name: string) => {
    const { readable, writable } = new TransformStream();
    const url = `http://control/${bindings.SECRET}?finish=${msMax}`;
    const asking = (bindings[`control:${name}`] as Fetcher).fetch(url, { method: "POST", body: readable });
    await opened;
    await writable.close();
    await (await asking).text();
  };
  // One that does not start has nothing to finish.
  await Promise.allSettled(bindings.NAMES.map(finishOne));
}

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
