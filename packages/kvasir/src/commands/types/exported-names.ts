/**
 * The names that an entry module exports. Like wrangler, it does not follow `export *`: two declarations of one
 * member must agree. Empty if the module cannot be parsed.
 */
export async function exportedNames(main: string | undefined): Promise<ReadonlySet<string>> {
  if (main === undefined) return new Set();
  const { build } = await import("esbuild");
  try {
    const options = { write: false, metafile: true, logLevel: "silent" } as const;
    const { metafile } = await build({ entryPoints: [main], ...options });
    return new Set(Object.values(metafile.outputs).flatMap(({ exports }) => exports));
  } catch {
    return new Set();
  }
}
