import { text } from "node:stream/consumers";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { AssetCase } from "../asset-case.js";

/**
 * Program: asks Miniflare, which `wrangler dev` runs on, for the requests of the cases on stdin, and prints
 * its responses.
 */
const cases = JSON.parse(await text(process.stdin)) as readonly AssetCase[];
const all: unknown[] = [];
for (const { folder, assets, requests, code } of cases) {
  const { html_handling, not_found_handling, base_path, run_worker_first, binding } = assets;
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      name: "reference",
      modules: true,
      script: code ?? "export default { fetch() { return new Response('Not found', { status: 404 }) } }",
      compatibilityDate: "2025-06-01",
      assets: {
        directory: `${folder}/public`,
        binding,
        routerConfig: {
          has_user_worker: code !== undefined,
          invoke_user_worker_ahead_of_assets: run_worker_first === true,
        },
        ...(run_worker_first === undefined ? {} : { run_worker_first }),
        assetConfig: { html_handling, not_found_handling, base_path },
      },
    }),
    resourcePersistencePath: `${folder}/.reference`,
  });
  const responses: unknown[] = [];
  for (const { path, method = "GET", headers = {} } of requests) {
    const init = { method, headers, redirect: "manual" as const };
    const response = await miniflare.dispatchFetch(`http://localhost${path}`, init);
    responses.push({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    });
  }
  all.push(responses);
  await miniflare.dispose();
}
process.stdout.write(JSON.stringify(all));
