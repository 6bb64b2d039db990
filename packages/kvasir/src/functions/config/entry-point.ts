import { extname, join, resolve } from "node:path";

/**
 * The entry module that a config names: `main`, or `site.entry-point` of wrangler 1, whose default is the
 * folder `workers-site`.
 */
export function entryPoint(
  config: { readonly main?: string | undefined; readonly [key: string]: unknown },
  root: string,
): string | undefined {
  if (config.main !== undefined) return resolve(root, config.main);
  const site = config["site"] as { readonly "entry-point"?: string } | undefined;
  if (site === undefined) return undefined;
  const entry = resolve(root, site["entry-point"] ?? "workers-site");
  return extname(entry) === "" ? join(entry, "index.js") : entry;
}
