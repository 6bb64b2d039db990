import type { AssetRouting, AssetSettings } from "../../wire/asset-settings.js";

/** The static assets of a Worker (`assets` in the config). */
export interface StaticAssets extends Omit<AssetSettings, "folder">, AssetRouting {
  /** Absolute path of the folder. */
  readonly directory: string;
  /** The name in `env` through which the Worker reads them. */
  readonly binding: string | undefined;
}
