import { expect, test } from "vitest";
import { kvasirOk, startKvasir } from "../../harness/command.js";
import { frameworkProject, viteBuild, viteDev } from "./framework-project.js";

const FILES = {
  "wrangler.json": JSON.stringify({
    name: "kit",
    main: ".svelte-kit/cloudflare/_worker.js",
    compatibility_date: "2026-01-01",
    compatibility_flags: ["nodejs_als"],
    assets: { binding: "ASSETS", directory: ".svelte-kit/cloudflare" },
    kv_namespaces: [{ binding: "KV", id: "kit-kv" }],
  }),
  "package.json": '{ "type": "module" }',
  "svelte.config.js": `import adapter from "@sveltejs/adapter-cloudflare";
    import { getPlatformProxy } from "kvasir";
    const cloudflare = adapter();
    let proxy;
    export default {
      kit: {
        adapter: {
          ...cloudflare,
          emulate: () => ({ platform: () => (proxy ??= getPlatformProxy()) }),
        },
      },
    };`,
  "vite.config.js": `import { sveltekit } from "@sveltejs/kit/vite";
    export default { plugins: [sveltekit()] };`,
  "src/app.html": "<html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
  "src/routes/+page.server.js": `export const load = async ({ platform }) => {
    await platform.env.KV.put("visits", String(Number(await platform.env.KV.get("visits")) + 1));
    return { visits: await platform.env.KV.get("visits") };
  };`,
  "src/routes/+page.svelte": "<script>let { data } = $props();</script><p>visit {data.visits}</p>",
  "static/robots.txt": "User-agent: *",
};

const page = async (url: string | undefined, path = "/") => await (await fetch(`${url}${path}`)).text();

// The build and the dev server each bundle SvelteKit's packages.
test("SvelteKit's dev server, and its build under kvasir dev and serve, use the same data", {
  timeout: 180_000,
}, async () => {
  const cwd = frameworkProject(FILES);
  await viteBuild(cwd);
  const [dev, vite] = await Promise.all([
    startKvasir(["dev", "--port", "0", "--api-port", "0"], { cwd }),
    viteDev(cwd),
  ]);
  expect(await page(vite)).toContain("visit 1");
  expect(await page(dev.functions)).toContain("visit 2");
  await kvasirOk(["kv", "key", "put", "visits", "41", "--binding", "KV"], { cwd });
  expect(await page(vite)).toContain("visit 42");
  expect(await page(dev.functions)).toContain("visit 43");
  expect(await page(dev.functions, "/robots.txt")).toBe("User-agent: *");
  await dev.stop();

  const serve = await startKvasir(["serve", ".", "--port", "0", "--api-port", "0"], {
    cwd,
    env: { KVASIR_TOKEN: "a-token-for-this-test-alone-0123456789" },
  });
  expect(await page(serve.functions)).toContain("visit 44");
  expect(await page(serve.functions, "/robots.txt")).toBe("User-agent: *");
  // The hashes of the client's files are part of the page.
  const [script = ""] = /_app\/immutable\/entry\/start\.[^"]+\.js/.exec(await page(serve.functions)) ?? [];
  const response = await fetch(`${serve.functions}/${script}`);
  expect(response.headers.get("Cache-Control")).toContain("immutable");
});
