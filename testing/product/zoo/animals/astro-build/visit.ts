import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "the output of Astro's Cloudflare adapter: _worker.js/ with chunks, taken as it is, beside the pages",
  files: {
    "dist/.assetsignore": "_worker.js\n_routes.json\n",
    "dist/_routes.json": '{"version":1,"include":["/*"],"exclude":["/_astro/*"]}',
    "dist/_astro/page.BxY1.css": "h1{color:navy}\n",
    "dist/prerendered/index.html": "<h1>prerendered</h1>\n",
    "dist/_worker.js/index.js": `globalThis.process ??= {}; globalThis.process.env ??= {};
import { manifest } from "./manifest_C9.mjs";
import { createExports } from "./chunks/app_A1.mjs";
const pages = new Map([["/", () => import("./pages/index.astro.mjs")], ["/api/[id]", () => import("./pages/api/_id_.astro.mjs")]]);
export default createExports(manifest, pages);
`,
    "dist/_worker.js/manifest_C9.mjs": `export const manifest = { name: "astro-build", base: "/" };\n`,
    "dist/_worker.js/chunks/app_A1.mjs": `import { Buffer } from "node:buffer";
export function createExports(manifest, pages) {
  return {
    async fetch(request, env, ctx) {
      const { pathname } = new URL(request.url);
      const asset = await env.ASSETS.fetch(request.url.replace(/index.html$/, ""));
      if (asset.status !== 404) return asset;
      const key = pathname.startsWith("/api/") ? "/api/[id]" : pathname;
      const page = pages.get(key);
      if (!page) return new Response("404: " + manifest.name, { status: 404 });
      return (await page()).GET({ request, env, encode: (text) => Buffer.from(text).toString("base64") });
    },
  };
}
`,
    "dist/_worker.js/pages/index.astro.mjs": `export const GET = async ({ env }) => {
  const seen = Number(await env.SESSION.get("seen")) + 1;
  await env.SESSION.put("seen", String(seen), { expirationTtl: 60 });
  return new Response("<h1>seen " + seen + "</h1>", { headers: { "content-type": "text/html" } });
};
`,
    "dist/_worker.js/pages/api/_id_.astro.mjs": `import { t } from "../../chunks/text_B2.mjs";
export const GET = ({ request, encode }) => Response.json({ id: encode(new URL(request.url).pathname), t });
`,
    "dist/_worker.js/chunks/text_B2.mjs": "export const t = 'text';\n",
  },
  async visit({ send }) {
    await send("GET /", { shows: "seen 1" });
    await send("GET /", { shows: "seen 2" });
    await send("GET /api/7", { shows: "L2FwaS83" });
    await send("GET /_astro/page.BxY1.css", { shows: "navy" });
    await send("GET /prerendered/", { shows: "prerendered" });
    await send("GET /none", { status: 404, shows: "404: astro-build" });
    await send("GET /_worker.js/index.js", { status: 404 });
  },
};
export default animal;
