import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { serveParent } from "../../core/serve-parent.js";

/** The Worker of `workers/reader` on Miniflare, with its KV on disk in the directory of the first argument. */
const [directory = ""] = process.argv.slice(2);
const script = new URL("../../../workers/reader/src/index.js", import.meta.url);

const miniflare = new Miniflare({
  ...convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    name: "reader",
    modules: true,
    script: readFileSync(script, "utf8"),
    scriptPath: fileURLToPath(script),
    compatibilityDate: "2026-08-01",
    kvNamespaces: { KV: "bench-reader" },
  }),
  resourcePersistencePath: directory,
});
const url = (await miniflare.ready).origin;
// Without `dispose`, workerd would be left behind.
serveParent({ url }, undefined, () => miniflare.dispose());
