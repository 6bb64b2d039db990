import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startFunction } from "../../harness/start-function.js";

const FILES = {
  "public/index.html": "home",
  "public/app/main.js": "main",
  "public/ümlaut.txt": "ü",
  "public/private/key.txt": "secret",
};
const CONFIG = {
  name: "site",
  main: "worker.js",
  compatibility_date: "2025-06-01",
  site: { bucket: "./public", exclude: ["private"] },
};
const MODULE = `import { getAssetFromKV, serveSinglePageApp } from "@cloudflare/kv-asset-handler";
import manifestJSON from "__STATIC_CONTENT_MANIFEST";
const ASSET_MANIFEST = JSON.parse(manifestJSON);
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/manifest") return Response.json([ASSET_MANIFEST, Object.keys(env)]);
    if (pathname === "/list") return Response.json(await env.__STATIC_CONTENT.list({ limit: 2 }));
    if (pathname === "/put") {
      const text = await env.__STATIC_CONTENT.put("a", "b").catch((error) => error.message);
      return new Response(text);
    }
    const event = { request, waitUntil: (promise) => ctx.waitUntil(promise) };
    return getAssetFromKV(event, {
      ASSET_NAMESPACE: env.__STATIC_CONTENT,
      ASSET_MANIFEST,
      mapRequestToAsset: serveSinglePageApp,
      cacheControl: { bypassCache: true },
    });
  },
};`;
const SERVICE_WORKER = `import { getAssetFromKV } from "@cloudflare/kv-asset-handler";
addEventListener("fetch", (event) => {
  event.respondWith(
    getAssetFromKV(event, { cacheControl: { bypassCache: true } }).catch(
      (error) => new Response(error.message, { status: 404 }),
    ),
  );
});`;

describe("Workers Sites", () => {
  it("serve files with @cloudflare/kv-asset-handler in module syntax", async () => {
    const { ask } = await site(MODULE);
    expect(await (await ask("/")).text()).toBe("home");
    expect(await (await ask("/any/page")).text()).toBe("home");
    const script = await ask("/app/main.js");
    expect([script.headers.get("content-type"), await script.text()]).toEqual([
      expect.stringContaining("javascript"),
      "main",
    ]);
    const [manifest, names] = (await (await ask("/manifest")).json()) as readonly [object, readonly string[]];
    expect(manifest).toEqual({
      "app/main.js": "$__MINIFLARE_SITES__$/app%2Fmain.js",
      "index.html": "$__MINIFLARE_SITES__$/index.html",
      "ümlaut.txt": "$__MINIFLARE_SITES__$/%C3%BCmlaut.txt",
    });
    expect(names).toEqual(["__STATIC_CONTENT"]);
    const page = (await (await ask("/list")).json()) as { keys: readonly object[]; list_complete: boolean };
    expect([page.keys.length, page.list_complete]).toEqual([2, false]);
    expect(await (await ask("/put")).text()).toContain("Cannot put() with Workers Sites namespace");
  });

  it("serve files in service-worker syntax", async () => {
    const { ask } = await site(SERVICE_WORKER);
    expect(await (await ask("/")).text()).toBe("home");
    expect(await (await ask("/%C3%BCmlaut.txt")).text()).toBe("ü");
    expect((await ask("/private/key.txt")).status).toBe(404);
  });

  it("see files that are added, changed and removed while dev runs", async () => {
    const { ask, project, events } = await site(MODULE);
    const textOf = async (path: string) => await (await ask(path)).text();
    project.write({ "public/new.txt": "new", "public/index.html": "other home" });
    await events.next("log", "reloaded");
    expect([await textOf("/new.txt"), await textOf("/")]).toEqual(["new", "other home"]);
    rmSync(join(project.root, "public/new.txt"));
    await events.next("log", "reloaded");
    const [manifest] = (await (await ask("/manifest")).json()) as readonly [object];
    expect(Object.keys(manifest)).toEqual(["app/main.js", "index.html", "ümlaut.txt"]);
  });

  it("find the entry module that site.entry-point names", async () => {
    const { ask } = await startFunction(
      {
        ...FILES,
        "wrangler.json": JSON.stringify({ name: "site", site: { bucket: "public" } }),
        "workers-site/index.js": "export default { fetch: () => new Response('the old place') };",
      },
      { paths: [""] },
    );
    expect(await (await ask("/")).text()).toBe("the old place");
  });
});

function site(code: string) {
  return startFunction(
    { ...FILES, "worker.js": code, "wrangler.json": JSON.stringify(CONFIG) },
    { paths: [""], nodeModules: true },
  );
}
