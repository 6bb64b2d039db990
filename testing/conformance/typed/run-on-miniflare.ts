import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** Program: runs the Worker in the file of the first argument on Miniflare and prints its response. */
const [, , scriptPath = ""] = process.argv;
const miniflare = new Miniflare({
  ...convertV4MiniflareOptions({
    name: "typed",
    scriptPath,
    modules: true,
    compatibilityDate: "2026-08-01",
    kvNamespaces: { KV: "typed" },
  }),
  resourcePersistencePath: process.cwd(),
});
const response = await miniflare.dispatchFetch("http://worker/");
console.log(await response.text());
await miniflare.dispose();
