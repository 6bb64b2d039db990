import type { AssetRouting } from "../../wire/asset-settings.js";
import type { WorkerConfig } from "../config/function-config.js";

/** What the entry of a Worker must know of its static assets. `undefined` if there are none. */
export function assetRouting({ assets }: WorkerConfig): AssetRouting | undefined {
  return assets && { workerFirst: assets.workerFirst, alone: assets.alone };
}
