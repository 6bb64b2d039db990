import { SITE_MANIFEST_MODULE } from "../bundle/function-module.js";
import { runtimeModule } from "../modules/runtime-module.js";
import { servedFolder } from "./served-folder.js";
import type { Surrounding } from "./worker-part.js";

/** The read-only namespace of Workers Sites. workerd's own KV binding asks a Worker that reads the files. */
export const siteContent: Surrounding = ({ name, root, site, siteManifest = {}, hasGlobals }) => {
  if (site === undefined) return {};
  const service = `site:${name}`;
  const files = servedFolder(`site-files:${name}`, { folder: site.bucket, root });
  return {
    bindings: [
      { name: "__STATIC_CONTENT", kvNamespace: { name: service } },
      // Workers in module syntax import it.
      ...(hasGlobals === true ? [{ name: SITE_MANIFEST_MODULE, json: JSON.stringify(siteManifest) }] : []),
    ],
    services: [
      {
        name: service,
        worker: {
          modules: [{ name: "site-content.js", esModule: runtimeModule("site-content").body }],
          compatibilityDate: "2025-01-01",
          bindings: [
            { name: "FILES", service: { name: files.service.name } },
            { name: "FOLDER", json: JSON.stringify(files.path) },
            { name: "MANIFEST", json: JSON.stringify(siteManifest) },
          ],
        },
      },
      files.service,
    ],
  };
};
