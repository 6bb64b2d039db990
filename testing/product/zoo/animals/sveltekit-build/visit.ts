import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "the output of SvelteKit's Cloudflare adapter: a _worker.js that imports the server, and caches pages",
  files: {
    ".svelte-kit/cloudflare/.assetsignore": "_worker.js\n_routes.json\n_headers\n_redirects\n",
    ".svelte-kit/cloudflare/_headers":
      "/_app/immutable/*\n  Cache-Control: public, immutable, max-age=31536000\n",
    ".svelte-kit/cloudflare/_app/immutable/start.9.js": "export {};\n",
    ".svelte-kit/cloudflare/favicon.svg": "<svg/>\n",
    ".svelte-kit/cloudflare/_worker.js": `import { Server } from "../output/server/index.js";
import { manifest, prerendered } from "../cloudflare-tmp/manifest.js";
import * as imports from "cloudflare:workers";
import { AsyncLocalStorage } from "node:async_hooks";
const server = new Server(manifest);
const storage = new AsyncLocalStorage();
const immutable = "/_app/immutable/";
let initialized;
export default {
  async fetch(req, env, ctx) {
    initialized ??= server.init({ env });
    await initialized;
    const cache = caches.default;
    const useCache = !(req.headers.get("cache-control") ?? "").includes("no-cache");
    const hit = useCache ? await cache.match(req) : undefined;
    if (hit) return hit;
    const { pathname } = new URL(req.url);
    let response;
    if (pathname.startsWith(immutable) || manifest.assets.has(pathname.slice(1)) || prerendered.has(pathname)) {
      response = await env.ASSETS.fetch(req);
    } else {
      response = await storage.run(pathname, () => server.respond(req, {
        platform: { env, ctx, caches, cf: req.cf },
        store: storage,
        same: imports.env.KV === undefined,
        getClientAddress: () => req.headers.get("cf-connecting-ip"),
      }));
    }
    const cacheControl = response.headers.get("cache-control");
    if (cacheControl?.includes("s-maxage")) ctx.waitUntil(cache.put(req, response.clone()));
    return response;
  },
};
`,
    ".svelte-kit/cloudflare-tmp/manifest.js": `export const manifest = {
  assets: new Set(["favicon.svg"]),
  nodes: { "/": () => import("../output/server/nodes/0.js"), "/cached": () => import("../output/server/nodes/1.js") },
};
export const prerendered = new Set([]);
`,
    ".svelte-kit/output/server/index.js": `export class Server {
  constructor(manifest) { this.manifest = manifest; }
  async init({ env }) { this.env = env; }
  async respond(request, options) {
    const node = this.manifest.nodes[new URL(request.url).pathname];
    if (!node) return new Response("Not found", { status: 404 });
    return (await node()).load(request, options);
  }
}
`,
    ".svelte-kit/output/server/nodes/0.js": `export const load = async (request, { platform, store, getClientAddress, same }) => {
  const count = Number(await platform.env.KV.get("count")) + 1;
  await platform.env.KV.put("count", String(count));
  return Response.json({ count, path: store.getStore(), address: getClientAddress(), country: typeof platform.cf.country, same });
};
`,
    ".svelte-kit/output/server/nodes/1.js": `export const load = () => new Response("rendered", { headers: { "cache-control": "public, s-maxage=60" } });
`,
  },
  async visit({ send }) {
    await send("GET /", {
      shows: '{"count":1,"path":"/","address":"127.0.0.1","country":"string","same":false}',
    });
    await send("GET /", { shows: '"count":2' });
    await send("GET /cached", { shows: "rendered" });
    await send("GET /cached", {
      shows: "rendered",
      until: ({ headers }) => headers["cf-cache-status"] === "HIT",
    });
    await send("GET /cached", { shows: "rendered", headers: { "cache-control": "no-cache" } });
    await send("GET /_app/immutable/start.9.js", { shows: "export" });
    await send("GET /favicon.svg", { shows: "svg" });
    await send("GET /none", { status: 404, shows: "Not found" });
  },
};
export default animal;
