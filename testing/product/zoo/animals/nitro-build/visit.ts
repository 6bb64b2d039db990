import type { Animal } from "../../animal.js";

const CONFIG = {
  name: "nitro-app",
  main: "index.mjs",
  compatibility_date: "2025-07-15",
  compatibility_flags: ["nodejs_compat", "no_nodejs_compat_v2"],
  assets: { binding: "ASSETS", directory: "../public" },
  kv_namespaces: [{ binding: "VISITS", id: "visits" }],
};

const animal: Animal = {
  like: "the output of Nuxt and Nitro: the framework's config has the bindings, and there is no wrangler config",
  files: {
    ".wrangler/deploy/config.json": JSON.stringify({ configPath: "../../.output/server/wrangler.json" }),
    ".output/server/wrangler.json": JSON.stringify(CONFIG),
    ".output/server/index.mjs": `import { handle } from "./chunks/nitro.mjs";
globalThis.__nitro__ = { chunk: () => import("./chunks/visits.mjs") };
export default { fetch: (request, env, ctx) => handle(request, { env, ctx }) };
`,
    ".output/server/chunks/nitro.mjs": `import { Buffer } from "node:buffer";
export async function handle(request, cloudflare) {
  const { pathname } = new URL(request.url);
  if (pathname !== "/api/visits") return new Response(Buffer.from("Tm90IEZvdW5k", "base64"), { status: 404 });
  const { visits } = await globalThis.__nitro__.chunk();
  return Response.json(await visits(cloudflare.env));
}
`,
    ".output/server/chunks/visits.mjs": `export async function visits({ VISITS, LOCAL }) {
  const count = Number(await VISITS.get("count")) + 1;
  await VISITS.put("count", String(count));
  return { count, local: LOCAL };
}
`,
    ".output/public/robots.txt": "User-agent: *\n",
    ".dev.vars": "LOCAL=beside the folder .wrangler\n",
  },
  async visit({ send }) {
    await send("GET /api/visits", { shows: '"count":1' });
    await send("GET /api/visits", { shows: '"count":2' });
    await send("GET /robots.txt", { shows: "User-agent" });
    await send("GET /none", { status: 404, shows: "Not Found" });
  },
};
export default animal;
