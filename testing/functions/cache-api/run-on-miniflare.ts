import { readFileSync } from "node:fs";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/**
 * Program: runs the Worker in the file of the first argument on Miniflare, sends it each program of the JSON
 * file in the second argument, and prints the outcomes.
 */
const [, , scriptPath = "", rowsPath = ""] = process.argv;
const simple = { limit: 2, period: 60 } as const;
const miniflare = new Miniflare({
  ...convertV4MiniflareOptions({
    name: "cache",
    scriptPath,
    modules: true,
    compatibilityDate: "2026-08-01",
    ratelimits: { TWO: { namespace_id: "1", simple }, TWIN: { namespace_id: "1", simple } },
  }),
  resourcePersistencePath: process.cwd(),
});
const outcomes: unknown[] = [];
for (const steps of JSON.parse(readFileSync(rowsPath, "utf8")) as unknown[]) {
  const response = await miniflare.dispatchFetch("http://worker/", {
    method: "POST",
    body: JSON.stringify(steps),
  });
  outcomes.push(await response.json());
}
console.log(JSON.stringify(outcomes));
await miniflare.dispose();
