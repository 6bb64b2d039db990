import globToRegExp from "glob-to-regexp";
import { FunctionError } from "../../failure/function-error.js";
import { SITE_KEY_PREFIX } from "../../wire/names.js";
import { folderFiles } from "./folder-files.js";

/** The files of Workers Sites (`site` in the config). */
export interface Site {
  /** Absolute path of the folder. */
  readonly bucket: string;
  /** Globs of the files that the Worker can read. If there are some, `exclude` has no effect. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** The files' names, as requests ask for them, and their keys in the namespace. */
export type SiteManifest = Readonly<Record<string, string>>;

/** @throws FunctionError if the folder cannot be read */
export async function siteManifest(site: Site): Promise<SiteManifest> {
  const files = await folderFiles(site.bucket, siteFilter(site)).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "does not exist" : `cannot be read (${cause.code})`;
    throw new FunctionError(`The folder of site, ${site.bucket}, ${reason}.`, {
      hint: "Create the folder, for example by building the project.",
      cause,
    });
  });
  return Object.fromEntries(files.map(({ name }) => [name, SITE_KEY_PREFIX + encodeURIComponent(name)]));
}

/** Decides which files are in the namespace. The globs match anywhere in a name, as in wrangler. */
export function siteFilter({ include, exclude }: Site): (name: string) => boolean {
  if (include.length > 0) return matcher(include);
  if (exclude.length === 0) return () => true;
  const isExcluded = matcher(exclude);
  return (name) => !isExcluded(name);
}

/** A glob that begins with `!` is an exception from the others. */
function matcher(globs: readonly string[]): (name: string) => boolean {
  const pattern = (glob: string) => new RegExp(globToRegExp(glob, { globstar: true, flags: "g" }).source);
  const exceptions = globs.filter((glob) => glob.startsWith("!")).map((glob) => pattern(glob.slice(1)));
  const patterns = globs.filter((glob) => !glob.startsWith("!")).map(pattern);
  return (name) =>
    !exceptions.some((exception) => exception.test(name)) && patterns.some((each) => each.test(name));
}
