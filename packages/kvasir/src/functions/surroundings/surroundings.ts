import { cacheApi } from "./cache-api.js";
import { durableObjects } from "./durable-objects.js";
import { email } from "./email.js";
import { kvNamespaces } from "./kv-namespaces.js";
import { ownServices } from "./own-services.js";
import { processes } from "./processes.js";
import { rateLimits } from "./rate-limits.js";
import { services } from "./services.js";
import { siteContent } from "./site-content.js";
import { staticAssets } from "./static-assets.js";
import { unsupportedBindings } from "./unsupported-bindings.js";
import { vars } from "./vars.js";
import { versionMetadata } from "./version-metadata.js";
import type { Surrounding } from "./worker-part.js";

/** All parts of a Worker's surroundings, in the order of their bindings. */
export const SURROUNDINGS: readonly Surrounding[] = [
  vars,
  kvNamespaces,
  rateLimits,
  versionMetadata,
  unsupportedBindings,
  staticAssets,
  siteContent,
  services,
  durableObjects,
  ownServices,
  processes,
  email,
  cacheApi,
];
