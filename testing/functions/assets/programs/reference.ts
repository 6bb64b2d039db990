import { finished } from "node:stream/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { AssetCase } from "../asset-case.js";

/**
 * Program: serves the cases of its argument with Miniflare, which `wrangler dev` runs on. It prints their URLs
 * and ends when stdin ends.
 */
const cases = JSON.parse(process.argv[2] ?? "[]") as readonly AssetCase[];
const all = cases.map(({ folder, assets, code }) => {
  const { run_worker_first, binding } = assets;
  return new Miniflare({
    ...convertV4MiniflareOptions({
      name: "reference",
      modules: true,
      script: code ?? "export default { fetch() { return new Response('Not found', { status: 404 }) } }",
      compatibilityDate: "2025-06-01",
      assets: {
        directory: `${folder}/public`,
        ...(binding === undefined ? {} : { binding }),
        routerConfig: {
          has_user_worker: code !== undefined,
          invoke_user_worker_ahead_of_assets: run_worker_first === true,
        },
        ...(run_worker_first === undefined ? {} : { run_worker_first }),
        assetConfig: { ...assets },
      },
    }),
    resourcePersistencePath: `${folder}/.reference`,
  });
});
const urls = await Promise.all(all.map(async (miniflare) => (await miniflare.ready).origin));
process.stdout.write(`${JSON.stringify(urls)}\n`);
await finished(process.stdin.resume());
await Promise.all(all.map((miniflare) => miniflare.dispose()));
