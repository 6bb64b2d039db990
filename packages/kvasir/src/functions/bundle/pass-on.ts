import type { OnResolveArgs, PluginBuild, ResolveResult } from "esbuild";

/** Whether a plugin asked for this resolution itself, with {@link passOn}. */
export function isPassedOn({ pluginData }: OnResolveArgs, plugin: string): boolean {
  return isPlain(pluginData) && pluginData[plugin] === true;
}

/**
 * Resolves an import as if the plugin were not there.
 *
 * All plugins mark their own requests in one object: with a mark that replaces the other's, two plugins would
 * call each other without end.
 */
export function passOn(
  build: PluginBuild,
  request: OnResolveArgs,
  plugin: string,
  { path = request.path, resolveDir = request.resolveDir }: { path?: string; resolveDir?: string } = {},
): Promise<ResolveResult> {
  const { importer, kind, namespace, with: attributes } = request;
  const marks = isPlain(request.pluginData) ? request.pluginData : {};
  const pluginData = { ...marks, [plugin]: true };
  return build.resolve(path, { importer, resolveDir, kind, namespace, with: attributes, pluginData });
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
