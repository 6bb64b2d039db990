import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { WorkerConfig } from "../functions/config/function-config.js";
import type { ListedBinding } from "../functions/config/listed-binding.js";
import { localNamespaces } from "../functions/config/local-namespaces.js";
import { readWorkerConfig } from "../functions/config/worker-config.js";
import { ensureNamespaces } from "../functions/host/ensure-namespaces.js";
import { PLACEHOLDER_CF } from "../functions/surroundings/placeholder-cf.js";
import { configFileOf } from "../server/config-file.js";
import { dataDirectory, makeDataDirectory, transientDirectory } from "../server/data-directory.js";
import { unsupportedBinding } from "../wire/absent-binding.js";
import { type EmptyCaches, emptyCaches } from "./empty-caches.js";
import { ExecutionContext, type PlatformContext } from "./execution-context.js";
import { unreachableBinding } from "./unreachable-binding.js";

export interface GetPlatformProxyOptions {
  /** The environment of the config, `env.<name>`. @default CLOUDFLARE_ENV, otherwise none */
  readonly environment?: string | undefined;
  /** The config. @default the nearest one of the current folder and those above it */
  readonly configPath?: string | undefined;
  /** Files with variables, relative to the config. @default .dev.vars, otherwise the .env files */
  readonly envFiles?: readonly string[] | undefined;
  /**
   * Where the data is. `false` keeps it in memory only. `path` is a data directory, as with `kvasir dev --data`.
   * @default true: `.kvasir` beside the config, the data of `kvasir dev`
   */
  readonly persist?: boolean | { readonly path: string } | undefined;
  /** Accepted because wrangler has it. Nothing is remote here. */
  readonly remoteBindings?: boolean | undefined;
}

export interface PlatformProxy<Env = Record<string, unknown>, CfProperties = Record<string, unknown>> {
  /** The namespaces, rate limits, variables and secrets of the config. Other bindings fail when they are used. */
  readonly env: Env;
  /** What `request.cf` shows of a client that nothing is known of. Frozen. */
  readonly cf: CfProperties;
  readonly ctx: PlatformContext;
  /** Caches that keep nothing. */
  readonly caches: EmptyCaches;
  /** Closes the data. The process can also end without it. */
  dispose(): Promise<void>;
}

/**
 * Gives the dev server of a framework (Vite, SvelteKit, Next, Nuxt, Astro) what a Worker gets, in the server's own
 * process. The options and the result are those of wrangler's function of the same name. The data is that of
 * `kvasir dev` of the same folder, which may run at the same time.
 *
 * @throws FunctionError if the config cannot be read
 * @throws KvError if the data cannot be opened
 * @example
 * const { env, dispose } = await getPlatformProxy<Env>();
 * await env.SESSIONS.put("user:1", "Ada");
 */
export async function getPlatformProxy<Env = Record<string, unknown>, CfProperties = Record<string, unknown>>(
  options: GetPlatformProxyOptions = {},
): Promise<PlatformProxy<Env, CfProperties>> {
  const { configPath, environment, envFiles } = options;
  const file = configFileOf(configPath === undefined ? {} : { config: configPath });
  const config =
    file === undefined ? undefined : readWorkerConfig(file, { env: environment, overrides: { envFiles } });
  for (const warning of config?.warnings ?? []) process.emitWarning(warning);
  const opened = config === undefined ? undefined : await openData(config, options);
  return {
    env: { ...(config && withoutData(config)), ...opened?.bindings } as Env,
    cf: deepFreeze(structuredClone(PLACEHOLDER_CF)) as CfProperties,
    ctx: new ExecutionContext(),
    caches: emptyCaches(),
    dispose: async () => await opened?.close(),
  };
}

/** Bindings to data in this process. */
interface OpenedData {
  readonly bindings: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

async function openData(
  config: WorkerConfig,
  { persist = true, configPath }: GetPlatformProxyOptions,
): Promise<OpenedData | undefined> {
  if (config.kvNamespaces.length === 0 && config.rateLimits.length === 0) return undefined;
  const directory = persist === false ? undefined : directoryOf(persist, configPath);
  if (directory !== undefined) makeDataDirectory(directory, (notice) => process.emitWarning(notice));
  const [namespaces, limits] = await Promise.all([
    openNamespaces(config, directory),
    openRateLimits(config, directory),
  ]);
  return {
    bindings: { ...namespaces?.bindings, ...limits?.bindings },
    close: async () => {
      await Promise.all([namespaces?.close(), limits?.close()]);
    },
  };
}

async function openNamespaces(
  config: WorkerConfig,
  directory: string | undefined,
): Promise<OpenedData | undefined> {
  const kvNamespaces = localNamespaces(config.kvNamespaces);
  if (kvNamespaces.length === 0) return undefined;
  // Loaded here: a config without namespaces needs no store.
  const { open } = await import("@kvasir/store");
  const database = open(directory ?? ":memory:");
  await ensureNamespaces({ ...config, kvNamespaces }, async (id, title, attributes) => {
    await database.catalog.ensure(id, title, attributes);
  });
  const bindings = kvNamespaces.map(({ binding, id }) => [binding, database.namespaceById(id)]);
  return { bindings: Object.fromEntries(bindings), close: async () => await database.close() };
}

async function openRateLimits(
  { rateLimits }: WorkerConfig,
  directory: string | undefined,
): Promise<OpenedData | undefined> {
  if (rateLimits.length === 0) return undefined;
  const [{ systemClock }, { TransientServices }, { InProcessRateLimit }] = await Promise.all([
    import("@kvasir/store"),
    import("../server/transient-services.js"),
    import("./in-process-rate-limit.js"),
  ]);
  const transient = new TransientServices({
    location: directory === undefined ? ":memory:" : transientDirectory(directory),
    clock: systemClock,
    onEvent: () => undefined,
  });
  const bindings = rateLimits.map((limit) => [limit.binding, new InProcessRateLimit(limit, transient)]);
  return { bindings: Object.fromEntries(bindings), close: async () => await transient.close() };
}

function directoryOf(persist: true | { readonly path: string }, configPath: string | undefined): string {
  if (persist !== true) return resolve(persist.path);
  return dataDirectory(configPath === undefined ? {} : { config: configPath });
}

function withoutData({
  vars,
  otherBindings = [],
  unsupportedBindings = [],
}: WorkerConfig): Record<string, unknown> {
  return {
    ...structuredClone(vars),
    ...Object.fromEntries(otherBindings.map((listed) => [listed.name, standIn(listed)])),
    ...Object.fromEntries(unsupportedBindings.map((binding) => [binding.name, unsupportedBinding(binding)])),
  };
}

function standIn(listed: ListedBinding): unknown {
  if (listed.kind !== "Worker Version Metadata") return unreachableBinding(listed);
  return { id: randomUUID(), tag: "", timestamp: new Date().toISOString() };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
