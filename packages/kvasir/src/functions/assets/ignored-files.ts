import ignore from "ignore";

/** Files that have a meaning of their own and are never served. */
export const REDIRECTS_FILE = "_redirects";
export const HEADERS_FILE = "_headers";
export const IGNORE_FILE = ".assetsignore";

/** Decides which files are not served. @param patterns in the syntax of .gitignore */
export function ignoredFiles(patterns: readonly string[]): (relativePath: string) => boolean {
  // The types of the package describe its CommonJS form, whose default export is a property.
  const matcher = ignore.default().add([...patterns]);
  return (path) => matcher.ignores(path);
}
