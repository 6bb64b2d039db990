import { type AssetManifest, assetFiles, assetManifest } from "../assets/asset-manifest.js";
import { type SiteManifest, siteManifest } from "../assets/site.js";
import type { WorkerConfig } from "../config/function-config.js";

/** The files that a Worker serves, at one point in time. */
export interface StaticFiles {
  /** `undefined` in `dev`, where assets are looked for at each request. */
  readonly assets?: AssetManifest | undefined;
  readonly site?: SiteManifest | undefined;
}

/** @throws FunctionError if the assets break a limit */
export async function readStaticFiles(
  { assets, site }: WorkerConfig,
  mode: "dev" | "serve",
): Promise<StaticFiles> {
  if (assets === undefined && site === undefined) return {};
  const files = assets && (await assetFiles(assets));
  return {
    assets: mode === "serve" ? files && (await assetManifest(files)) : undefined,
    site: site && (await siteManifest(site)),
  };
}
