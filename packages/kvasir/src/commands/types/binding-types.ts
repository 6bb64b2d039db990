import type { WorkerConfig } from "../../functions/config/function-config.js";

export interface EntryModule {
  /** As an import from the declarations, in quotes. `undefined` if the config names no entry module. */
  readonly specifier: string | undefined;
  readonly exports: ReadonlySet<string>;
}

/** The types of bindings that Cloudflare's types declare, by the binding's name, as `wrangler types` writes them. */
export function bindingTypes(config: WorkerConfig, entry: EntryModule): [string, string][] {
  const { durableObjects, serviceBindings = [], rateLimits, versionMetadata, assets } = config;
  const imported = (name: string) =>
    entry.specifier !== undefined && entry.exports.has(name)
      ? `import(${entry.specifier}).${name}`
      : undefined;
  const objects = (durableObjects?.bindings ?? []).map(({ binding, className, scriptName }) => {
    const own = scriptName === undefined ? imported(className) : undefined;
    const from = scriptName === undefined ? className : `${className} from ${scriptName}`;
    const type = own === undefined ? ` /* ${comment(from)} */` : `<${own}>`;
    return [binding, `DurableObjectNamespace${type}`] as [string, string];
  });
  const services = serviceBindings.map(({ binding, service, entrypoint }) => {
    const own = service === config.name ? imported(entrypoint ?? "default") : undefined;
    if (own !== undefined) return [binding, `Service<typeof ${own}>`] as [string, string];
    const type =
      entrypoint === undefined
        ? `Fetcher /* ${comment(service)} */`
        : `Service /* entrypoint ${comment(`${entrypoint} from ${service}`)} */`;
    return [binding, type] as [string, string];
  });
  const named = (name: string | undefined, type: string): [string, string][] =>
    name === undefined ? [] : [[name, type]];
  return [
    ...objects,
    ...services,
    ...rateLimits.map(({ binding }) => [binding, "RateLimit"] as [string, string]),
    ...named(versionMetadata, "WorkerVersionMetadata"),
    ...named(assets?.binding, "Fetcher"),
  ];
}

/** Text of a config must not end the comment. */
function comment(text: string): string {
  return text.replaceAll("*/", "* /");
}
