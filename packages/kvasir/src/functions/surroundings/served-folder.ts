import { dirname, relative, sep } from "node:path";
import type { NamedValue } from "./worker-part.js";

/** A folder whose files workerd reads, and how code in workerd asks for it. */
export interface ServedFolder {
  readonly service: NamedValue;
  /** The path of the folder in the service, by segments. */
  readonly path: readonly string[];
}

/**
 * The service begins at the function's folder, or at the parent of the folder. A service for the folder itself
 * would keep its descriptor, and so read an empty folder after a build tool has removed it and made it again.
 */
export function servedFolder(
  name: string,
  { folder, root }: { readonly folder: string; readonly root: string },
): ServedFolder {
  const path = folder.startsWith(root + sep) ? root : dirname(folder);
  return {
    service: { name, disk: { path, writable: false, allowDotfiles: true } },
    path: relative(path, folder).split(sep),
  };
}
