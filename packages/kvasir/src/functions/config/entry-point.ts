import { dirname, resolve } from "node:path";
import { FunctionError } from "../../failure/function-error.js";
import { checkMain } from "./check-main.js";
import type { ConfigDocument } from "./config-document.js";
import type { RawEnvironment } from "./config-schema.js";
import { mainPath } from "./main-path.js";
import { siteMain } from "./site-config.js";

/**
 * The entry module that a config names: `main`, or that of a Workers Site.
 *
 * @throws FunctionError if both are named
 */
export function entryPoint(
  document: ConfigDocument,
  { main, site }: Pick<RawEnvironment, "main" | "site">,
): string | undefined {
  const root = dirname(document.path);
  if (main === undefined) return site && siteMain(site, root);
  if (site?.["entry-point"] === undefined) return mainPath(resolve(root, main));
  throw new FunctionError(
    `${document.locate(["site", "entry-point"])}: main and site.entry-point both name the entry module.`,
    { hint: "Remove site.entry-point." },
  );
}

/** @throws FunctionError if the entry module is not a file */
export function checkEntryPoint(
  document: ConfigDocument,
  main: string,
  { main: named }: RawEnvironment,
): void {
  if (named === undefined) checkMain(main, document.locate(["site", "entry-point"]), "site.entry-point");
  else checkMain(main, document.locate(["main"]));
}
