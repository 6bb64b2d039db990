import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** Program: serves the Worker in the file of the first argument on Miniflare until its stdin ends. */
const [, , scriptPath = ""] = process.argv;
const miniflare = new Miniflare({
  ...convertV4MiniflareOptions({
    name: "differential",
    scriptPath,
    modules: true,
    compatibilityDate: "2026-08-01",
    kvNamespaces: { KV: "differential" },
    host: "127.0.0.1",
    port: 0,
  }),
  resourcePersistencePath: process.cwd(),
});
process.stdin.on("end", () => void miniflare.dispose()).resume();
console.log(String(await miniflare.ready));
