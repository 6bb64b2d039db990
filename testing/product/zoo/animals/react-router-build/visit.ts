import type { Animal } from "../../animal.js";

const CONFIG = {
  name: "react-router-app",
  main: "index.js",
  compatibility_date: "2025-04-04",
  configPath: "/home/someone/app/wrangler.jsonc",
  userConfigPath: "/home/someone/app/wrangler.jsonc",
  topLevelName: "react-router-app",
  no_bundle: true,
  rules: [{ type: "ESModule", globs: ["**/*.js", "**/*.mjs"] }],
  assets: { directory: "../client" },
  vars: { VALUE_FROM_CLOUDFLARE: "Hello from Cloudflare" },
  kv_namespaces: [{ binding: "VISITS", id: "visits" }],
  jsx_factory: "React.createElement",
  jsx_fragment: "React.Fragment",
  legacy_env: true,
  dev: { ip: "localhost", local_protocol: "http", upstream_protocol: "http" },
  triggers: {},
};

const animal: Animal = {
  like: "the output of React Router 7 and the Vite plugin: a redirect to a built config, chunks, client assets",
  files: {
    ".wrangler/deploy/config.json": JSON.stringify({
      configPath: "../../build/server/wrangler.json",
      auxiliaryWorkers: [],
    }),
    "build/server/wrangler.json": JSON.stringify(CONFIG),
    "build/server/index.js": `import { r as render } from "./assets/server-build-B4s1.js";
const worker_default = { async fetch(request, env, ctx) { return render(request, { cloudflare: { env, ctx } }); } };
export { worker_default as default };
`,
    "build/server/assets/server-build-B4s1.js": `const routes = {
  "/": () => import("./home-C2x9.js"),
  "/about": () => import("./about-D1.js"),
};
async function render(request, context) {
  const { pathname } = new URL(request.url);
  const route = routes[pathname];
  if (!route) return new Response("Not Found", { status: 404 });
  const { loader, page } = await route();
  const data = await loader(context);
  if (request.headers.get("accept") === "text/x-script") return Response.json(data);
  return new Response("<!DOCTYPE html>" + page(data), { headers: { "Content-Type": "text/html" } });
}
export { render as r };
`,
    "build/server/assets/home-C2x9.js": `const loader = async ({ cloudflare: { env } }) => {
  const visits = Number(await env.VISITS.get("visits")) + 1;
  await env.VISITS.put("visits", String(visits));
  return { message: env.VALUE_FROM_CLOUDFLARE, visits };
};
const page = ({ message, visits }) => "<h1>" + message + " " + visits + "</h1><script type=module src=/assets/entry-1.js></script>";
export { loader, page };
`,
    "build/server/assets/about-D1.js": `export const loader = () => ({}); export const page = () => "<h1>about</h1>";`,
    "build/client/assets/entry-1.js": "console.log(1);\n",
    "build/client/favicon.ico": new Uint8Array([0, 0, 1, 255]),
    "build/client/.assetsignore": ".vite\n",
    "build/client/.vite/manifest.json": "{}",
  },
  async visit({ send }) {
    await send("GET /", { shows: "<h1>Hello from Cloudflare 1</h1>" });
    await send("GET /", { headers: { accept: "text/x-script" }, shows: '"visits":2' });
    await send("GET /about", { shows: "about" });
    await send("GET /assets/entry-1.js", { shows: "console" });
    await send("GET /favicon.ico", { shows: "hex" });
    await send("GET /.vite/manifest.json", { status: 404 });
    await send("GET /none", { status: 404 });
  },
};
export default animal;
