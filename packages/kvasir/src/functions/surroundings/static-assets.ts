import type { AssetSettings } from "../../wire/asset-settings.js";
import { ASSETS_BINDING } from "../../wire/functions-wire.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { servedFolder } from "./served-folder.js";
import type { Surrounding } from "./worker-part.js";

/**
 * Static assets have a Worker of their own beside the user's. It reads the files from disk through workerd.
 * The user's Worker asks it first (`runtime/asset-routing.ts`), unless the config says otherwise.
 */
export const staticAssets: Surrounding = ({ name, root, assets, assetManifest }) => {
  if (assets === undefined) return {};
  const { directory, binding, workerFirst: _first, alone: _alone, ...settings } = assets;
  const files = servedFolder(`asset-files:${name}`, { folder: directory, root });
  const all: AssetSettings = { ...settings, folder: files.path };
  const service = `assets:${name}`;
  return {
    bindings: [
      { name: ASSETS_BINDING, service: { name: service, entrypoint: "found" } },
      ...(binding === undefined ? [] : [{ name: binding, service: { name: service } }]),
    ],
    services: [
      {
        name: service,
        worker: {
          modules: [{ name: "assets.js", esModule: runtimeModule("assets").body }],
          compatibilityDate: "2025-01-01",
          bindings: [
            { name: "FILES", service: { name: files.service.name } },
            { name: "SETTINGS", json: JSON.stringify(all) },
            { name: "MANIFEST", json: JSON.stringify(assetManifest ?? null) },
          ],
        },
      },
      files.service,
    ],
  };
};
