import { describe, expect, it, onTestFinished } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

// `@kvasir/client` in functions that have not installed it. Each project is outside this repository.

async function started(
  files: Record<string, string>,
  path = "",
): Promise<{ readonly project: Project; readonly running: Running }> {
  const project = new Project(files);
  onTestFinished(() => project.remove());
  const running = await runFunctions([`${project.root}/${path}`]);
  onTestFinished(() => running.close());
  return { project, running };
}

const CONFIG = JSON.stringify({ main: "a.ts", kv_namespaces: [{ binding: "KV", id: "kv" }] });

describe("@kvasir/client in a function that has not installed it", () => {
  it("is there for a Worker in TypeScript, with its types, recipes and errors", async () => {
    const { running } = await started({
      "wrangler.json": CONFIG,
      "a.ts": `import { type KVNamespace, KvError, kv } from "@kvasir/client";
        import { statusOf } from "@kvasir/client/namespace";
        import { kv as typed } from "@kvasir/client/typed";
        import { rateLimit } from "@kvasir/client/recipes";
        interface Env { readonly KV: KVNamespace }
        export default {
          async fetch(_request: Request, { KV }: Env): Promise<Response> {
            await kv<{ n: number }>(KV).put("typed", { n: 1 });
            const missing = await KV.increment("typed").catch((error: unknown) => error);
            const subpaths = [typed === kv, statusOf("unavailable"), typeof rateLimit];
            return Response.json([await KV.get("typed", "json"), missing instanceof KvError, ...subpaths]);
          },
        };`,
    });
    expect(JSON.parse(await running.text())).toEqual([{ n: 1 }, true, true, 503, "function"]);
  });

  it("can be required by an Express-style function, whose env has the same namespaces", async () => {
    const { running } = await started(
      {
        "fn.js": `const { sessions } = require("@kvasir/client/recipes");
          const { KvError } = require("@kvasir/client");
          module.exports = async (req, res) => {
            await env.KV.increment("visits");
            res.json([typeof sessions, typeof KvError, await env.KV.increment("visits"), await kv.get("visits")]);
          };`,
      },
      "fn.js",
    );
    expect(JSON.parse(await running.text())).toEqual(["function", "function", 2, 2]);
  });

  it("is there for a handler", async () => {
    const { running } = await started(
      {
        "fn.ts": `import { sessions } from "@kvasir/client/recipes";
          declare const env: { KV: { count(): Promise<number> } };
          export async function handler(): Promise<Response> {
            return Response.json([typeof sessions, await env.KV.count()]);
          }`,
      },
      "fn.ts",
    );
    expect(JSON.parse(await running.text())).toEqual(["function", 0]);
  });

  it("gives way to the project's own copy, from when there is one", async () => {
    const { project, running } = await started({
      "wrangler.json": CONFIG,
      "a.ts": `import * as client from "@kvasir/client";
        export default { fetch: () => new Response(String(client["own"] ?? "ours")) };`,
    });
    expect(await running.text()).toBe("ours");
    project.write({
      "node_modules/@kvasir/client/package.json": '{"type":"module","main":"index.js"}',
      "node_modules/@kvasir/client/index.js": 'export const own = "the project\'s";',
    });
    project.write({
      "a.ts": `import { own } from "@kvasir/client";
        export default { fetch: () => new Response(own) };`,
    });
    await running.events.next("log", "reloaded");
    expect(await running.text()).toBe("the project's");
    // Editing it reloads the function, as with any package.
    project.write({ "node_modules/@kvasir/client/index.js": 'export const own = "edited";' });
    await running.events.next("log", "reloaded");
    expect(await running.text()).toBe("edited");
  });

  it("says which subpath there is none of, and where it was asked for", async () => {
    const { running } = await started({
      "wrangler.json": CONFIG,
      "a.ts":
        'import { lock } from "@kvasir/client/lock";\nexport default { fetch: () => new Response(lock) };',
    });
    const text = await running.text();
    expect(text).toContain('@kvasir/client has no part "@kvasir/client/lock"');
    expect(text).toMatch(/a\.ts:1:\d+/);
  });
});
